package org.fissionfusion.local.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions that are open on partitions and that their coordinator takes for ended.
 *
 * <p>A broker that is killed between the decision on a transaction and its markers should write them when it is back. While
 * it comes back its partitions have no leader for a moment; a coordinator that looks then takes them for deleted, and ends
 * the transaction without markers (Kafka 4.3.1, {@code TransactionMarkerChannelManager}). Whoever reads committed records
 * of these partitions, or committed offsets, waits for ever.
 */
public final class HangingTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(HangingTransactions.class);
    private static final Set<TransactionState> ENDED =
            EnumSet.of(TransactionState.EMPTY, TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT);
    private static final long PAUSE_MILLIS = 100;

    private HangingTransactions() {}

    private record OpenTransaction(TopicPartition partition, ProducerState producer) {}

    /**
     * Aborts them. Nobody has read a record of theirs, and as the offsets that they commit are aborted with them, what led
     * to them is read again. No producer may be at work.
     *
     * @param patience with a coordinator that has not read yet what it knows
     * @return the partitions on which some were open
     */
    public static Set<TopicPartition> abort(Admin admin, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                Map<Long, TransactionState> states = new HashMap<>();
                for (TransactionListing listing : admin.listTransactions().all().get()) {
                    states.put(listing.producerId(), listing.state());
                }
                List<OpenTransaction> hanging = open(admin).stream()
                        .filter(one -> ENDED.contains(
                                states.getOrDefault(one.producer().producerId(), TransactionState.EMPTY)))
                        .toList();
                if (System.nanoTime() > end
                        || hanging.stream()
                                .allMatch(
                                        one -> states.containsKey(one.producer().producerId()))) {
                    abort(admin, hanging);
                    return hanging.stream().map(OpenTransaction::partition).collect(Collectors.toSet());
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("open transactions: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private static List<OpenTransaction> open(Admin admin) throws ExecutionException, InterruptedException {
        Set<String> topics = admin.listTopics(new ListTopicsOptions().listInternal(true))
                .names()
                .get();
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription topic :
                admin.describeTopics(topics).allTopicNames().get().values()) {
            topic.partitions()
                    .forEach(partition -> partitions.add(new TopicPartition(topic.name(), partition.partition())));
        }
        List<OpenTransaction> open = new ArrayList<>();
        Map<TopicPartition, PartitionProducerState> described =
                admin.describeProducers(partitions).all().get();
        described.forEach((partition, producers) -> producers.activeProducers().stream()
                .filter(producer -> producer.currentTransactionStartOffset().isPresent())
                .forEach(producer -> open.add(new OpenTransaction(partition, producer))));
        return open;
    }

    private static void abort(Admin admin, List<OpenTransaction> hanging)
            throws ExecutionException, InterruptedException {
        for (OpenTransaction one : hanging) {
            ProducerState producer = one.producer();
            admin.abortTransaction(new AbortTransactionSpec(
                            one.partition(),
                            producer.producerId(),
                            (short) producer.producerEpoch(),
                            producer.coordinatorEpoch().orElse(0)))
                    .all()
                    .get();
            LOG.atWarn()
                    .addKeyValue("partition", one.partition())
                    .addKeyValue("producer", producer.producerId())
                    .log("aborted a transaction that a killed broker had left open");
        }
    }
}
