package org.fissionfusion.local.cluster;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.DeadLetters;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;

/** What nobody could handle, and sending it again once its reason is mended. */
public final class DeadLetterBox {
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private final KafkaClients clients;

    public DeadLetterBox(KafkaClients clients) {
        this.clients = clients;
    }

    /** The origin of a letter, {@code topic-partition@offset}: its name in commands. */
    public static String origin(DeadLetter letter) {
        return letter.getOriginTopic() + "-" + letter.getOriginPartition() + "@" + letter.getOriginOffset();
    }

    /** The newest letter of every origin, in the order of their first ones within a partition. */
    public Map<String, DeadLetter> read() {
        Map<String, DeadLetter> letters = Collections.synchronizedMap(new LinkedHashMap<>());
        try (EventStream<DeadLetter> stream = EventStream.start(
                clients,
                Topics.DEAD_LETTERS,
                event -> event.value().ifPresent(letter -> letters.put(origin(letter), letter)))) {
            if (!stream.awaitCaughtUp(CATCH_UP)) {
                throw new KafkaException("the topic " + Topics.DEAD_LETTERS.name() + " could not be read: "
                        + stream.fault()
                                .map(Throwable::getMessage)
                                .orElse("no answer in " + CATCH_UP.toSeconds() + " s"));
            }
        }
        return new LinkedHashMap<>(letters);
    }

    /**
     * Publishes the record of a letter again, key and bytes as they were.
     *
     * @throws RunRefused when its value is not whole, or its topic none of this version's
     */
    public void replay(DeadLetter letter) throws RunRefused, InterruptedException {
        List<String> topics = Topics.ALL.stream().map(Topic::name).toList();
        if (!topics.contains(letter.getOriginTopic())) {
            throw new RunRefused(
                    origin(letter) + ": '" + letter.getOriginTopic() + "' is none of the topics " + topics);
        }
        if (DeadLetters.isCut(letter)) {
            throw new RunRefused(origin(letter) + ": the letter holds only the beginning of the record; send it anew");
        }
        byte[] value = new byte[letter.getOriginValue().remaining()];
        letter.getOriginValue().duplicate().get(value);
        String key = letter.getOriginKey().isEmpty() ? null : letter.getOriginKey();
        try (Producer<String, byte[]> producer = clients.producer("replay")) {
            producer.send(new ProducerRecord<>(letter.getOriginTopic(), key, value))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException(origin(letter) + " was not sent again", e.getCause());
        }
    }
}
