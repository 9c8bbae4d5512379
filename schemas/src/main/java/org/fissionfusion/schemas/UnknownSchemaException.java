package org.fissionfusion.schemas;

import org.apache.kafka.common.errors.SerializationException;

/** The registry does not know the schema or the id asked for. */
public final class UnknownSchemaException extends SerializationException {
    private static final long serialVersionUID = 1L;

    public UnknownSchemaException(String message) {
        super(message);
    }
}
