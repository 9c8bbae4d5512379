package org.fissionfusion.runtime;

/** A configuration key that is unknown, missing or has a wrong value. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String key, String value, String allowed) {
        super(key + ": " + value + " is not allowed; allowed: " + allowed);
    }
}
