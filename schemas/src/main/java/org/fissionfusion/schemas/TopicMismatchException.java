package org.fissionfusion.schemas;

import java.util.List;

/** A topic that exists is not what {@link Topics} says. Nothing was changed. */
public final class TopicMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With one sentence per difference. */
    public TopicMismatchException(List<String> differences) {
        super("topics differ from what is declared; change or delete them: " + String.join("; ", differences));
    }
}
