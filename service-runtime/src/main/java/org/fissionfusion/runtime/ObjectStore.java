package org.fissionfusion.runtime;

import java.nio.file.Path;
import java.util.List;

/**
 * Where weights, predictions, data and result documents are. Objects appear whole or not at all. Every method throws a
 * {@link StoreException} when it cannot do what it says.
 */
public interface ObjectStore extends AutoCloseable {

    /**
     * Stores an object under the digest of its bytes: key {@code prefix/<sha256>suffix}.
     *
     * @param prefix e.g. {@code checkpoints}
     * @param suffix e.g. {@code .safetensors}
     */
    StoredObject put(String prefix, String suffix, ObjectWriter writer);

    /** Stores an object under a name of the caller's, replacing what was there; for state that only its owner reads. */
    StoredObject putAs(String key, ObjectWriter writer);

    /**
     * Creates an object unless there is one of this key.
     *
     * @return false when there was one
     */
    boolean createIfAbsent(String key, byte[] content);

    /**
     * A local file with exactly the object's bytes. Size and SHA-256 are checked once per process and state of the file.
     * The path stays until {@link #release}; a file that is open or mapped then stays readable.
     *
     * @throws CorruptObjectException when they differ
     * @throws MissingObjectException when there is no such object
     */
    Path verified(StoredObject object);

    /**
     * All bytes of a small object.
     *
     * @throws MissingObjectException when there is none
     */
    byte[] read(String key);

    /** Keys that start with the prefix, in order. */
    default List<String> list(String prefix) {
        return entries(prefix).stream().map(StoredEntry::key).toList();
    }

    /** What starts with the prefix, in the order of the keys. */
    List<StoredEntry> entries(String prefix);

    /** Removes the object if it is there. */
    void delete(String key);

    boolean exists(String key);

    /** Says that no path {@link #verified} gave so far will be opened again: a cache may drop those files. */
    default void release() {}

    /** Lets go of connections and of the paths given. */
    @Override
    default void close() {}
}
