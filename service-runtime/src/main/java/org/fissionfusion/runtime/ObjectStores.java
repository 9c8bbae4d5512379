package org.fissionfusion.runtime;

import java.util.List;

/** The one place where object stores are made. */
public final class ObjectStores {
    private ObjectStores() {}

    /**
     * The store that a service is configured for.
     *
     * @throws StoreAccessException when there is no such bucket, or the credentials are refused; an S3 that is out of
     *     reach is waited for by those who use it
     */
    public static ObjectStore open(ServiceConfig config) {
        return open(config.store());
    }

    /** The store of these settings; throws like {@link #open(ServiceConfig)}. */
    public static ObjectStore open(StoreSettings settings) {
        return switch (settings) {
            case StoreSettings.Folder(var path) -> new FolderStore(path);
            case StoreSettings.Bucket bucket -> {
                S3Store store = S3Store.open(bucket);
                try {
                    store.requireAccess();
                } catch (StoreException e) {
                    store.close();
                    throw e;
                }
                yield store;
            }
        };
    }

    /**
     * The part of a store that one kind of service may use.
     *
     * @param who for the message of the {@link ForbiddenObjectException} that the rest is answered with
     * @param prefixes each with a slash at its end
     */
    public static ObjectStore only(ObjectStore store, String who, List<String> prefixes) {
        return new StoreView(store, who, prefixes);
    }
}
