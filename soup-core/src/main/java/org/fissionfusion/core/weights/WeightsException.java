package org.fissionfusion.core.weights;

import java.io.IOException;

/** A weight file, or weights in memory, that cannot be used; the message names the file and the reason. */
public final class WeightsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final String reason;

    public WeightsException(String source, String reason) {
        super(source + ": " + reason);
        this.source = source;
        this.reason = reason;
    }

    public WeightsException(String source, String reason, Throwable cause) {
        super(source + ": " + reason, cause);
        this.source = source;
        this.reason = reason;
    }

    /** The file, or what was being done where there is no file. */
    public String source() {
        return source;
    }

    /** What is wrong. */
    public String reason() {
        return reason;
    }
}
