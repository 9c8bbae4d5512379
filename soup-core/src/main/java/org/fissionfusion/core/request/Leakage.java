package org.fissionfusion.core.request;

/** What to do about images or groups that stand in several splits. */
public enum Leakage {
    ERROR("error"),
    DROP("drop"),
    ALLOW("allow");

    private final String wireName;

    Leakage(String wireName) {
        this.wireName = wireName;
    }

    /** The name in requests. */
    public String wireName() {
        return wireName;
    }
}
