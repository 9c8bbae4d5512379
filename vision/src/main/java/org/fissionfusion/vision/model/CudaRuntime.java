package org.fissionfusion.vision.model;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;

/**
 * The CUDA runtime that comes with PyTorch's library for CUDA (profile {@code gpu}). The engine takes that library only
 * where it finds a runtime, which it looks for by another name than that of the one beside the library.
 */
final class CudaRuntime {
    private static final String INDEX = "native/lib/pytorch.properties";
    private static final String FOUND_BY = "jna.library.path";

    private CudaRuntime() {}

    /**
     * Lets the engine find it, where this build has one.
     *
     * @return whether this build has one
     */
    static boolean offer() {
        Optional<Path> folder = offer(CudaRuntime.class.getClassLoader(), Utils.getEngineCacheDir("pytorch"));
        if (System.getProperty(FOUND_BY) == null) {
            folder.ifPresent(path -> System.setProperty(FOUND_BY, path.toString()));
        }
        return folder.isPresent();
    }

    /** The folder where it lies, below the cache; empty where the loader has none. */
    static Optional<Path> offer(ClassLoader loader, Path cache) {
        try {
            URL index = loader.getResource(INDEX);
            if (index == null) {
                return Optional.empty();
            }
            Properties library = new Properties();
            try (InputStream in = index.openStream()) {
                library.load(in);
            }
            String flavor = library.getProperty("flavor", "");
            if (!flavor.startsWith("cu")) {
                return Optional.empty();
            }
            String runtime = Arrays.stream(library.getProperty("libraries").split(","))
                    .filter(name -> name.startsWith("libcudart"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(index + " names no CUDA runtime"));
            Path folder = cache.resolve(library.getProperty("version") + "-cudart");
            String source = "pytorch/%s/%s/%s".formatted(flavor, library.getProperty("classifier"), runtime);
            extract(loader, source, folder.resolve("libcudart.so"));
            return Optional.of(folder);
        } catch (IOException e) {
            throw new IllegalStateException("the CUDA runtime cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private static void extract(ClassLoader loader, String source, Path target) throws IOException {
        if (Files.exists(target)) {
            return;
        }
        Files.createDirectories(target.getParent());
        Path part = Files.createTempFile(target.getParent(), "cudart", ".part");
        try (InputStream in = loader.getResourceAsStream(source)) {
            if (in == null) {
                throw new IOException(source + " is missing");
            }
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
