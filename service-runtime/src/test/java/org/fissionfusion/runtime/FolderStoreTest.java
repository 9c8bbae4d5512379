package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderStoreTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    private FolderStore store;

    @BeforeEach
    void open() {
        store = new FolderStore(folder);
    }

    private static ObjectWriter text(String text) {
        return file -> Files.writeString(file, text);
    }

    @Test
    void namesAnObjectByItsDigest() {
        // When
        StoredObject object = store.put("checkpoints", ".bin", text("abc"));

        // Then
        assertThat(object).isEqualTo(new StoredObject("checkpoints/" + ABC + ".bin", ABC, 3));
        assertThat(StoredObject.from(object.toAvro())).isEqualTo(object);
        assertThat(store.verified(object)).hasContent("abc");
        assertThat(store.put("checkpoints", ".bin", text("abc"))).isEqualTo(object);
        assertThat(store.list("checkpoints/")).containsExactly(object.key());
        store.delete(object.key());
        assertThat(store.exists(object.key())).isFalse();
    }

    @Test
    void findsATruncatedAndAnAlteredObject() throws IOException {
        StoredObject object = store.put("soups", ".bin", text("abc"));
        Path file = store.verified(object);
        Files.writeString(file, "abX");
        assertThatThrownBy(() -> store.verified(object))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContainingAll(object.key(), ABC, "SHA-256");
        Files.writeString(file, "ab");
        assertThatThrownBy(() -> store.verified(object))
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContainingAll(object.key(), "expected 3 bytes, found 2");
        Files.delete(file);
        assertThatThrownBy(() -> store.verified(object)).isInstanceOf(MissingObjectException.class);
        store.put("soups", ".bin", text("abc"));
        assertThat(store.verified(object)).hasContent("abc");
    }

    @Test
    void leavesNothingBehindWhenAWriterFails() throws IOException {
        ObjectWriter failing = file -> {
            Files.writeString(file, "half");
            throw new IOException("cable pulled");
        };
        assertThatThrownBy(() -> store.put("soups", ".bin", failing)).isInstanceOf(StoreOutageException.class);
        try (var files = Files.list(folder.resolve("soups"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void createsOnceHoweverManyTry() {
        // When
        List<Boolean> created = IntStream.range(0, 32)
                .parallel()
                .mapToObj(i -> store.createIfAbsent("claims/a", ("" + i).getBytes(StandardCharsets.UTF_8)))
                .toList();

        // Then
        assertThat(created).containsOnlyOnce(true);
        assertThat(store.read("claims/a")).isNotEmpty();
        store.putAs("claims/a", text("replaced"));
        assertThat(store.read("claims/a")).asString().isEqualTo("replaced");
    }

    @Test
    void clearsWhatAKilledWriterLeft() throws IOException {
        Files.createDirectories(folder.resolve("soups"));
        Path left = Files.writeString(folder.resolve("soups/.tmp-x"), "half");
        assertThat(store.list("")).isEmpty();
        store.sweepAbandoned();
        assertThat(left).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.tmp-1", "."})
    void refusesKeysOutsideOfIt(String key) {
        assertThatThrownBy(() -> store.read(key)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysWhichDiskIsFullAndKeepsNothing() throws Exception {
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder.toString()), "cannot mount a tmpfs");
        try {
            FolderStore small = new FolderStore(folder);
            StoredObject kept = small.put("soups", ".bin", text("abc"));
            assertThatThrownBy(() -> small.put("soups", ".bin", file -> Files.write(file, new byte[1 << 20])))
                    .isInstanceOf(StoreFullException.class)
                    .hasMessageContainingAll("disk full", folder.toString(), "free some");
            assertThat(Outages.isOutage(new StoreFullException(folder, null))).isTrue();
            assertThat(small.list("")).containsExactly(kept.key());
            assertThat(small.verified(kept)).hasContent("abc");
        } finally {
            run("umount", folder.toString());
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
