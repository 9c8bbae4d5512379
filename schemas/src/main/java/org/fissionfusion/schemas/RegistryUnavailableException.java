package org.fissionfusion.schemas;

import org.apache.kafka.common.errors.RetriableException;

/** No schema registry could be reached: wait and try again, the record itself may be good. */
public final class RegistryUnavailableException extends RetriableException {
    private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
