package org.fissionfusion.runtime;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.fissionfusion.events.DeadLetter;

/** Writes down records that nobody can handle: where they came from, what they were and why. */
public final class DeadLetters {
    /** A letter must fit into a record of the default size whatever its origin was. */
    private static final int LARGEST_ORIGIN = 512 * 1024;

    private static final int LONGEST_TEXT = 16 * 1024;
    private static final String CUT = " (value cut, it had ";

    private DeadLetters() {}

    /** Key of the letter: that of the origin, so that all letters of an experiment or task are together. */
    public static String key(ConsumerRecord<String, byte[]> origin) {
        return origin.key() == null || origin.key().isEmpty() ? origin.topic() : origin.key();
    }

    /**
     * The letter.
     *
     * @param origin the record, its value not decoded; key and value may be null
     * @param service that could not handle the record
     */
    public static DeadLetter letter(
            ConsumerRecord<String, byte[]> origin, String reason, Optional<Throwable> cause, String service) {
        byte[] value = Optional.ofNullable(origin.value()).orElse(new byte[0]);
        boolean cut = value.length > LARGEST_ORIGIN;
        String why = Optional.ofNullable(reason).orElse("unknown");
        return new DeadLetter(
                origin.topic(),
                origin.partition(),
                origin.offset(),
                Optional.ofNullable(origin.key()).orElse(""),
                ByteBuffer.wrap(cut ? Arrays.copyOf(value, LARGEST_ORIGIN) : value),
                shortened(cut ? why + CUT + value.length + " bytes)" : why),
                cause.map(DeadLetters::stack).orElse(""),
                service);
    }

    /** True when the letter holds only the beginning of its record's value. */
    public static boolean isCut(DeadLetter letter) {
        return letter.getOriginValue().remaining() == LARGEST_ORIGIN
                && letter.getReason().contains(CUT);
    }

    private static String stack(Throwable cause) {
        StringWriter text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text));
        return shortened(text.toString());
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST_TEXT));
    }
}
