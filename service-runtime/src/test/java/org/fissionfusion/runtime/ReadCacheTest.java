package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadCacheTest {
    private static final int SIZE = 1000;

    @TempDir
    Path folder;

    private final List<ReadCache> opened = new ArrayList<>();
    private final AtomicInteger downloads = new AtomicInteger();

    @AfterEach
    void close() {
        opened.forEach(ReadCache::close);
    }

    private ReadCache open(int objects) {
        ReadCache cache = ReadCache.open(new StoreSettings.Cache(folder, (long) objects * SIZE));
        opened.add(cache);
        return cache;
    }

    private static byte[] content(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static StoredObject object(int seed) {
        String sha256 = HexFormat.of().formatHex(LocalFiles.sha256(content(seed)));
        return new StoredObject("soups/" + sha256 + ".safetensors", sha256, SIZE);
    }

    private Path get(ReadCache cache, int seed) {
        return cache.get(object(seed), file -> {
            downloads.incrementAndGet();
            Files.write(file, content(seed));
        });
    }

    private List<String> kept() throws IOException {
        try (var files = Files.list(folder.resolve("entries"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String sha256(int seed) {
        return object(seed).sha256();
    }

    @Test
    void downloadsOnceForSeveralStoresOfOneFolder() {
        ReadCache one = open(10);
        ReadCache other = open(10);
        assertThat(get(one, 1)).hasBinaryContent(content(1)).hasExtension("safetensors");
        assertThat(get(one, 1)).isEqualTo(get(one, 1));
        assertThat(get(other, 1)).hasBinaryContent(content(1)).isNotEqualTo(get(one, 1));
        assertThat(downloads).hasValue(1);
    }

    @Test
    void downloadsOnceHoweverManyAskAtOnce() {
        ReadCache cache = open(10);
        IntStream.range(0, 16).parallel().forEach(i -> get(cache, 1));
        assertThat(downloads).hasValue(1);
    }

    @Test
    void dropsWhatWasUsedLongestAgo() throws IOException {
        // Given
        ReadCache cache = open(3);
        for (int seed : List.of(1, 2, 3, 1)) {
            get(cache, seed);
        }
        cache.release();

        // When
        get(cache, 4);

        // Then
        assertThat(kept()).containsExactlyInAnyOrder(sha256(1), sha256(3), sha256(4));
    }

    @Test
    void neverTakesAFileFromItsReader() throws IOException {
        // Given
        ReadCache reader = open(2);
        Path one = get(reader, 1);
        Path two = get(reader, 2);

        // When
        ReadCache greedy = open(2);
        for (int seed = 3; seed < 10; seed++) {
            get(greedy, seed);
            greedy.release();
        }

        // Then
        assertThat(one).hasBinaryContent(content(1));
        assertThat(two).hasBinaryContent(content(2));
        assertThat(kept()).contains(sha256(1), sha256(2)).hasSize(3);
        reader.release();
        get(greedy, 10);
        assertThat(kept()).hasSize(2).contains(sha256(10));
        assertThat(one).doesNotExist();
        assertThat(get(reader, 1)).hasBinaryContent(content(1));
    }

    @Test
    void fetchesADamagedFileAgain() throws IOException {
        // Given
        ReadCache cache = open(10);
        get(cache, 1);
        cache.release();
        Files.write(folder.resolve("entries").resolve(sha256(1)), content(2));

        // When
        Path again = get(cache, 1);

        // Then
        assertThat(again).hasBinaryContent(content(1));
        assertThat(downloads).hasValue(2);
    }

    @Test
    void keepsNothingOfADownloadThatIsWrongOrFails() throws IOException {
        ReadCache cache = open(10);
        assertThatThrownBy(() -> cache.get(object(1), file -> Files.write(file, content(2))))
                .isInstanceOf(CorruptObjectException.class);
        assertThatThrownBy(() -> cache.get(object(1), file -> {
                    Files.write(file, new byte[10]);
                    throw new IOException("cable pulled");
                }))
                .isInstanceOf(StoreOutageException.class);
        assertThat(kept()).isEmpty();
        assertThat(get(cache, 1)).hasBinaryContent(content(1));
    }

    @Test
    void clearsWhatDeadProcessesHeldAndLeavesTheLiving() throws IOException {
        // Given
        Path held = folder.resolve("held");
        Path dead = Files.createDirectories(held.resolve("dead"));
        Files.write(dead.resolve(".tmp-1"), new byte[1]);
        Files.createFile(held.resolve("dead.lock"));
        Path living = Files.createDirectories(held.resolve("living"));
        try (FileChannel channel = FileChannel.open(
                        held.resolve("living.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            // When
            open(1);
        }

        // Then
        assertThat(dead).doesNotExist();
        assertThat(held.resolve("dead.lock")).doesNotExist();
        assertThat(living).exists();
    }
}
