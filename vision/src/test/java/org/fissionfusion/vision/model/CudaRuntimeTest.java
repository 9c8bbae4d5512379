package org.fissionfusion.vision.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaRuntimeTest {
    @TempDir
    private Path folder;

    private Path library(String flavor) throws IOException {
        Path index = folder.resolve("library/native/lib/pytorch.properties");
        Files.createDirectories(index.getParent());
        Files.writeString(index, """
                version=0.0.0-test
                flavor=%s
                classifier=linux-x86_64
                libraries=libc10.so,libcudart-0123abcd.so.12,libtorch.so
                """.formatted(flavor));
        Path runtime = folder.resolve("library/pytorch/cu124/linux-x86_64/libcudart-0123abcd.so.12");
        Files.createDirectories(runtime.getParent());
        return Files.writeString(runtime, "runtime");
    }

    private Path offered() throws IOException {
        URL[] library = {folder.resolve("library").toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(library, null)) {
            return CudaRuntime.offer(loader, folder.resolve("cache")).orElse(null);
        }
    }

    @Test
    void unpacksTheRuntimeUnderTheNameThatTheEngineLooksFor() throws IOException {
        library("cu124");

        Path found = offered();

        assertThat(found).hasParent(folder.resolve("cache"));
        try (var files = Files.list(found)) {
            assertThat(files).singleElement().satisfies(file -> {
                assertThat(file).hasFileName("libcudart.so").hasContent("runtime");
            });
        }
        assertThat(offered()).isEqualTo(found);
    }

    @Test
    void hasNothingToOfferInABuildForCpus() throws IOException {
        library("cpu");

        assertThat(offered()).isNull();
    }

    @Test
    void namesWhatIsMissing() throws IOException {
        Files.delete(library("cu124"));

        assertThatIllegalStateException()
                .isThrownBy(this::offered)
                .withMessageContaining("pytorch/cu124/linux-x86_64/libcudart-0123abcd.so.12 is missing");
    }
}
