package org.fissionfusion.runtime;

/** A task was delivered so often without an end that it is given up: it may take its workers down. */
public final class DeliveryLimitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeliveryLimitException(Delivery delivery) {
        super("task " + delivery.key() + " was started " + (delivery.count() - 1) + " times and never ended");
    }
}
