package org.fissionfusion.runtime;

import java.nio.file.Path;
import java.util.List;

/** What one kind of service may use of a store; everything else is refused before the store is asked. */
final class StoreView implements ObjectStore {
    private final ObjectStore store;
    private final String who;
    private final List<String> prefixes;

    StoreView(ObjectStore store, String who, List<String> prefixes) {
        this.store = store;
        this.who = who;
        this.prefixes = List.copyOf(prefixes);
    }

    private String allowed(String key) {
        ObjectKeys.require(key.endsWith("/") ? key.substring(0, key.length() - 1) : key);
        if (prefixes.stream().noneMatch(key::startsWith)) {
            throw new ForbiddenObjectException(who, key, prefixes);
        }
        return key;
    }

    @Override
    public StoredObject put(String prefix, String suffix, ObjectWriter writer) {
        allowed(prefix + "/");
        return store.put(prefix, suffix, writer);
    }

    @Override
    public StoredObject putAs(String key, ObjectWriter writer) {
        return store.putAs(allowed(key), writer);
    }

    @Override
    public boolean createIfAbsent(String key, byte[] content) {
        return store.createIfAbsent(allowed(key), content);
    }

    @Override
    public Path verified(StoredObject object) {
        allowed(object.key());
        return store.verified(object);
    }

    @Override
    public byte[] read(String key) {
        return store.read(allowed(key));
    }

    @Override
    public List<StoredEntry> entries(String prefix) {
        return store.entries(allowed(prefix));
    }

    @Override
    public void delete(String key) {
        store.delete(allowed(key));
    }

    @Override
    public boolean exists(String key) {
        return store.exists(allowed(key));
    }

    @Override
    public void release() {
        store.release();
    }

    @Override
    public void close() {
        store.close();
    }
}
