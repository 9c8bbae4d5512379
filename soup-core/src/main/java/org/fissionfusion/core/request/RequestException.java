package org.fissionfusion.core.request;

/** A request that cannot be run: names the key, the value and what is allowed. */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;

    public RequestException(String key, Object value, String allowed) {
        super(key + ": " + (value == null ? "is missing" : "'" + value + "' is not allowed") + "; " + allowed);
        this.key = key;
    }

    /** Path of the key in the request, e.g. {@code training.fission.cycle}. */
    public String key() {
        return key;
    }
}
