package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest implements ObjectStoreContract {
    @TempDir
    Path folder;

    private FolderStore store;

    @BeforeEach
    void open() {
        store = new FolderStore(folder);
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public Path fileOf(String key) {
        return folder.resolve(key);
    }

    @Test
    void findsATruncatedAndAnAlteredObject() throws IOException {
        StoredObject object = store.put("soups", ".bin", ObjectStoreContract.text("abc"));
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
        store.put("soups", ".bin", ObjectStoreContract.text("abc"));
        assertThat(store.verified(object)).hasContent("abc");
    }

    @Test
    void clearsWhatAKilledWriterLeft() throws IOException {
        Files.createDirectories(folder.resolve("soups"));
        Path left = Files.writeString(folder.resolve("soups/.tmp-x"), "half");
        assertThat(store.list("")).isEmpty();
        store.sweepAbandoned();
        assertThat(left).doesNotExist();
    }

    @Test
    void saysWhichDiskIsFullAndKeepsNothing() throws Exception {
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder.toString()), "cannot mount a tmpfs");
        try {
            FolderStore small = new FolderStore(folder);
            StoredObject kept = small.put("soups", ".bin", ObjectStoreContract.text("abc"));
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
