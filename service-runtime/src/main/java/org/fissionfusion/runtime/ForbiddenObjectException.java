package org.fissionfusion.runtime;

import java.util.List;

/** An object outside of what a service may see of the store. */
public final class ForbiddenObjectException extends StoreException {
    private static final long serialVersionUID = 1L;

    public ForbiddenObjectException(String who, String key, List<String> allowed) {
        super("%s may not use '%s'; it sees %s of the store".formatted(who, key, String.join(", ", allowed)), null);
    }
}
