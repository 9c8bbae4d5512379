package org.fissionfusion.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A store that remembers which files were opened, and that something happens to before or after a state is saved.
 *
 * @param opened keys of the objects that were opened
 */
public record WatchedStore(
        ObjectStore store, List<String> opened, Consumer<String> beforeSave, Consumer<String> afterSave)
        implements ObjectStore {

    /** The process dies: nothing catches this. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    public WatchedStore(ObjectStore store) {
        this(store, key -> {}, key -> {});
    }

    public WatchedStore(ObjectStore store, Consumer<String> beforeSave, Consumer<String> afterSave) {
        this(store, new CopyOnWriteArrayList<>(), beforeSave, afterSave);
    }

    @Override
    public StoredObject put(String prefix, String suffix, ObjectWriter writer) {
        return store.put(prefix, suffix, writer);
    }

    @Override
    public StoredObject putAs(String key, ObjectWriter writer) {
        beforeSave.accept(key);
        StoredObject saved = store.putAs(key, writer);
        afterSave.accept(key);
        return saved;
    }

    @Override
    public boolean createIfAbsent(String key, byte[] content) {
        return store.createIfAbsent(key, content);
    }

    @Override
    public Path verified(StoredObject object) {
        opened.add(object.key());
        return store.verified(object);
    }

    @Override
    public byte[] read(String key) {
        return store.read(key);
    }

    @Override
    public List<StoredEntry> entries(String prefix) {
        return store.entries(prefix);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }

    @Override
    public boolean exists(String key) {
        return store.exists(key);
    }
}
