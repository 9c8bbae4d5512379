package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** NumPy's NPZ: a zip, stored or deflated, of NPY arrays, each called KEY.npy. */
public final class NpzFile implements AutoCloseable {
    private static final String SUFFIX = ".npy";
    private final Path path;
    private final ZipFile zip;
    private final Set<String> keys = new TreeSet<>();

    private NpzFile(Path path, ZipFile zip) {
        this.path = path;
        this.zip = zip;
        zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(SUFFIX))
                .forEach(name -> keys.add(name.substring(0, name.length() - SUFFIX.length())));
    }

    /** Opens the zip and reads its directory. */
    public static NpzFile open(Path path) throws PreparationException {
        try {
            return new NpzFile(path, new ZipFile(path.toFile()));
        } catch (IOException e) {
            throw new PreparationException(
                    path + ": cannot be read as .npz (a zip of arrays): " + Failures.reason(e), e);
        }
    }

    public Path path() {
        return path;
    }

    /** Names of the arrays, sorted. */
    public Set<String> keys() {
        return Set.copyOf(keys);
    }

    public boolean has(String key) {
        return keys.contains(key);
    }

    /** Reads an array whole. */
    public NpyArray array(String key) throws PreparationException {
        if (!keys.contains(key)) {
            throw new PreparationException("%s: has no array '%s'; it has %s".formatted(path, key, keys));
        }
        String name = path + ": " + key;
        try (InputStream in = zip.getInputStream(zip.getEntry(key + SUFFIX))) {
            return NpyArray.read(name, in);
        } catch (IOException e) {
            throw new PreparationException(name + ": cannot be read: " + Failures.reason(e), e);
        }
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
