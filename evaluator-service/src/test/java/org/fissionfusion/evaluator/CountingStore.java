package org.fissionfusion.evaluator;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ObjectWriter;
import org.fissionfusion.runtime.StoredObject;

/** A store that remembers which files were opened. */
record CountingStore(FolderStore store, List<String> opened) implements ObjectStore {
    CountingStore(FolderStore store) {
        this(store, new ArrayList<>());
    }

    @Override
    public Path verified(StoredObject object) {
        opened.add(object.key());
        return store.verified(object);
    }

    @Override
    public StoredObject put(String prefix, String suffix, ObjectWriter writer) {
        return store.put(prefix, suffix, writer);
    }

    @Override
    public StoredObject putAs(String key, ObjectWriter writer) {
        return store.putAs(key, writer);
    }

    @Override
    public boolean createIfAbsent(String key, byte[] content) {
        return store.createIfAbsent(key, content);
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
