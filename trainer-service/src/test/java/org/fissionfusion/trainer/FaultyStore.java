package org.fissionfusion.trainer;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ObjectWriter;
import org.fissionfusion.runtime.StoredObject;

/** A store that something happens to before or after a state is saved. */
record FaultyStore(ObjectStore store, Consumer<String> beforeSave, Consumer<String> afterSave) implements ObjectStore {

    /** The process dies: nothing catches this. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
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
        return store.verified(object);
    }

    @Override
    public byte[] read(String key) {
        return store.read(key);
    }

    @Override
    public List<String> list(String prefix) {
        return store.list(prefix);
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
