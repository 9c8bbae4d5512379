package org.fissionfusion.schemas;

import org.apache.kafka.common.errors.SerializationException;

/** Bytes that no retry can decode. The record belongs into the dead letters. */
public final class PoisonRecordException extends SerializationException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what can't be decoded.
     *
     * @param topic where the bytes came from
     * @param reason what is wrong with them
     * @param cause what the decoder threw, or null
     */
    public PoisonRecordException(String topic, String reason, Throwable cause) {
        super("undecodable record in " + topic + ": " + reason, cause);
    }
}
