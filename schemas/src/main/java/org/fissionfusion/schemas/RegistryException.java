package org.fissionfusion.schemas;

import org.apache.kafka.common.errors.SerializationException;

/** The schema registry answered, and refused: no access, incompatible schema, wrong configuration. */
public final class RegistryException extends SerializationException {
    private static final long serialVersionUID = 1L;

    public RegistryException(String message) {
        super(message);
    }

    public RegistryException(String message, Throwable cause) {
        super(message, cause);
    }
}
