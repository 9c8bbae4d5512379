package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every object store promises. */
interface ObjectStoreContract {
    String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /** An empty store. */
    ObjectStore store();

    /** The file in which the store really keeps an object, to damage it. */
    Path fileOf(String key);

    static ObjectWriter text(String text) {
        return file -> Files.writeString(file, text);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    default void namesAnObjectByItsDigest() {
        // When
        StoredObject object = store().put("checkpoints", ".bin", text("abc"));

        // Then
        assertThat(object).isEqualTo(new StoredObject("checkpoints/" + ABC + ".bin", ABC, 3));
        assertThat(StoredObject.from(object.toAvro())).isEqualTo(object);
        assertThat(store().verified(object)).hasContent("abc");
        assertThat(store().verified(object).toString()).endsWith(".bin");
        assertThat(store().put("checkpoints", ".bin", text("abc"))).isEqualTo(object);
        assertThat(store().list("checkpoints/")).containsExactly(object.key());
        store().delete(object.key());
        store().delete(object.key());
        assertThat(store().exists(object.key())).isFalse();
    }

    @Test
    default void keepsAnEmptyObject() {
        // When
        StoredObject object = store().put("soups", ".bin", text(""));

        // Then
        assertThat(object.bytes()).isZero();
        assertThat(store().verified(object)).isEmptyFile();
        assertThat(store().read(object.key())).isEmpty();
    }

    @Test
    default void leavesNothingBehindWhenAWriterFails() throws IOException {
        ObjectWriter failing = file -> {
            Files.writeString(file, "half");
            throw new IOException("cable pulled");
        };
        assertThatThrownBy(() -> store().put("soups", ".bin", failing)).isInstanceOf(StoreOutageException.class);
        assertThat(store().list("")).isEmpty();
    }

    @Test
    default void createsOnceHoweverManyTry() {
        // When
        List<Boolean> created = IntStream.range(0, 32)
                .parallel()
                .mapToObj(i -> store().createIfAbsent("claims/a", bytes("" + i)))
                .toList();

        // Then
        assertThat(created).containsOnlyOnce(true);
        assertThat(store().read("claims/a")).asString().isEqualTo("" + created.indexOf(true));
        store().putAs("claims/a", text("replaced"));
        assertThat(store().read("claims/a")).asString().isEqualTo("replaced");
    }

    @Test
    default void listsWhatStartsWithAPrefixInOrder() {
        // Given
        List.of("b/2", "a/x/1", "a/x/10", "a/xy", "c").forEach(key -> store().putAs(key, text(key)));

        // When
        List<StoredEntry> entries = store().entries("a/x");

        // Then
        assertThat(entries).extracting(StoredEntry::key).containsExactly("a/x/1", "a/x/10", "a/xy");
        assertThat(entries).extracting(StoredEntry::bytes).containsExactly(5L, 6L, 4L);
        assertThat(entries)
                .allSatisfy(entry -> assertThat(entry.modified())
                        .isBetween(
                                Instant.now().minus(Duration.ofMinutes(5)),
                                Instant.now().plusSeconds(5)));
        assertThat(store().list("")).containsExactly("a/x/1", "a/x/10", "a/xy", "b/2", "c");
        assertThat(store().list("a/x/")).containsExactly("a/x/1", "a/x/10");
        assertThat(store().list("nowhere/")).isEmpty();
    }

    @Test
    default void saysThatAnObjectIsMissing() {
        StoredObject missing = new StoredObject("soups/" + ABC + ".bin", ABC, 3);
        assertThatThrownBy(() -> store().verified(missing))
                .isInstanceOf(MissingObjectException.class)
                .hasMessageContaining(missing.key());
        assertThatThrownBy(() -> store().read(missing.key())).isInstanceOf(MissingObjectException.class);
        assertThat(store().exists(missing.key())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.tmp-1", "."})
    default void refusesKeysOutsideOfIt(String key) {
        assertThatThrownBy(() -> store().read(key)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().putAs(key, text("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().createIfAbsent(key, new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
