package org.fissionfusion.core.request;

import java.util.List;

/**
 * One split of one domain; sealed ones (test, out-of-domain) stay unread until the selection is closed.
 *
 * @param sharedClasses labels that an out-of-domain set can have, when those are not all of the request's: it is then
 *     scored among these too, as {@code NAME/shared}
 */
public record DataSplit(String name, StoredFile file, boolean sealed, List<Integer> sharedClasses) {
    public DataSplit {
        sharedClasses = List.copyOf(sharedClasses);
    }

    /** Names of the scores made on it; none where it trains. */
    public List<String> scored() {
        if (name.equals("train") || name.equals("stopping")) {
            return List.of();
        }
        return sharedClasses.isEmpty() ? List.of(name) : List.of(name, name + "/shared");
    }

    /** A split that may have every class. */
    public DataSplit(String name, StoredFile file, boolean sealed) {
        this(name, file, sealed, List.of());
    }
}
