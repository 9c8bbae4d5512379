package org.fissionfusion.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {

    @TempDir
    Path folder;

    @Test
    void readsBackWhatItWrote() throws IOException {
        Random random = new Random(1);
        List<Tensor> tensors = new ArrayList<>();
        for (DType type : DType.values()) {
            tensors.add(Tensors.random(random, "layer." + type + ".weight", type, 3, 5));
        }
        tensors.add(Tensors.random(random, "scalar", DType.F32));
        tensors.add(Tensors.random(random, "empty", DType.F32, 0, 4));
        tensors.add(Tensors.random(random, "größe \"quoted\"\n", DType.F32, 2));
        Path file = folder.resolve("all.safetensors");

        SafetensorsWriter.write(file, Map.of("format", "pt", "lineage", "{\"a\": 1}"), sources(tensors));

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.metadata())
                    .containsExactlyInAnyOrderEntriesOf(Map.of("format", "pt", "lineage", "{\"a\": 1}"));
            assertThat(read.tensors())
                    .hasSameElementsAs(tensors.stream().map(Tensor::spec).toList());
            for (Tensor tensor : tensors) {
                String name = tensor.spec().name();
                assertThat(read.tensor(name)).contains(tensor.spec());
                assertThat(read.bytes(name).mismatch(tensor.bytes())).isEqualTo(-1);
                assertThat(read.bytes(name).isReadOnly()).isTrue();
                assertThat(read.bytes(name).address() % tensor.spec().dtype().size())
                        .isZero();
            }
            assertThat(read.tensor("other")).isEmpty();
            assertThatThrownBy(() -> read.bytes("other"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void writesTheSameBytesWhateverTheOrder() throws IOException {
        Random random = new Random(2);
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tensors.add(Tensors.random(random, "t" + i, List.of(DType.values()).get(i % DType.values().length), i));
        }
        Path first = Tensors.write(folder.resolve("a"), tensors);
        for (int round = 0; round < 10; round++) {
            Collections.shuffle(tensors, random);
            Path other = Tensors.write(folder.resolve("b"), tensors);
            assertThat(Files.mismatch(first, other)).isEqualTo(-1);
        }
    }

    @Test
    void writesTheFormatToTheByte() throws IOException {
        Path file = folder.resolve("f");
        SafetensorsWriter.write(
                file, Map.of("b", "2", "a", "1"), sources(List.of(Tensors.floats("w", 1.5f), Tensors.longs("n", 7))));
        String header = "{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\"},"
                + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
        String padded = header + " ".repeat((8 - header.length() % 8) % 8);
        ByteBuffer expected = ByteBuffer.allocate(8 + padded.length() + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded.length())
                .put(padded.getBytes(StandardCharsets.UTF_8))
                .putLong(7)
                .putFloat(1.5f);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void keepsTheOldFileAndNothingElseWhenASourceFails() throws IOException {
        Path file = Tensors.write(folder.resolve("w"), List.of(Tensors.floats("w", 1)));
        byte[] before = Files.readAllBytes(file);
        TensorSpec spec = new TensorSpec("w", DType.F32, new long[] {2});
        TensorSource failing = new TensorSource(spec, sink -> {
            throw new IOException("gone");
        });
        TensorSource tooShort = new TensorSource(spec, sink -> sink.accept(MemorySegment.ofArray(new byte[4])));

        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(failing)))
                .hasMessage("gone");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(tooShort)))
                .hasMessageContaining("4 bytes were made for w F32[2] of 8");
        assertThatThrownBy(() -> SafetensorsWriter.write(
                        file, Map.of(), sources(List.of(Tensors.floats("x", 1), Tensors.floats("x", 2)))))
                .hasMessageContaining("'x' is given twice");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void mapsFilesAboveTwoGibibytes() throws IOException {
        long size = 3L << 30;
        String header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0," + size + "]},"
                + "\"tail\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[" + size + "," + (size + 8) + "]}}";
        Path file = folder.resolve("big");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.writeLong(Long.reverseBytes(header.length()));
            sparse.writeBytes(header);
            sparse.setLength(8 + header.length() + size);
            sparse.seek(8 + header.length() + size);
            sparse.writeLong(Long.reverseBytes(4711));
        }
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.bytes("big").byteSize()).isEqualTo(size);
            assertThat(read.bytes("big").get(ValueLayout.JAVA_BYTE, size - 1)).isZero();
            assertThat(read.bytes("tail").get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                    .isEqualTo(4711);
        }
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
                .withMessageContaining("none");
    }

    static Stream<Arguments> malformed() {
        String four = "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]";
        return Stream.of(
                header("", 0, "does not begin with '{'"),
                header("[]", 0, "does not begin with '{'"),
                header("{\"a\":{" + four + "}", 4, "no sound JSON"),
                header("{\"a\":{" + four + "}} x", 4, "no sound JSON"),
                header("{\"a\":{" + four + "},\"a\":{" + four + "}}", 4, "Duplicate"),
                header("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "Duplicate"),
                header("{\"__metadata__\":3}", 0, "__metadata__ is no object"),
                header("{\"__metadata__\":{\"k\":3}}", 0, "'k' is no string"),
                header("{\"a\":3}", 4, "'a' is described by no object"),
                header("{\"a\":{" + four + ",\"x\":1}}", 4, "unknown key 'x'"),
                header("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype"),
                header("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype \"F99\""),
                header("{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype"),
                header("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "no array 'shape'"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape holds -1"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "shape holds 1.0"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e99],\"data_offsets\":[0,4]}}", 4, "not a whole number"),
                header(
                        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
                        4,
                        "too large"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4]}}", 4, "no [begin, end]"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "no [begin, end]"),
                header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "takes 8 bytes"),
                header("{\"a\":{" + four + "}}", 3, "truncated"),
                header("{\"a\":{" + four + "}}", 0, "truncated"),
                header("{\"a\":{" + four + "}}", 5, "1 bytes follow tensor 'a'"),
                header("{}", 5, "5 bytes follow the header"),
                header("{\"a\":{" + four + "},\"b\":{" + four + "}}", 4, "overlaps tensor 'a'"),
                header(
                        "{\"a\":{" + four + "},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
                        7,
                        "'b' overlaps tensor 'a'"),
                header(
                        "{\"a\":{" + four + "},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[6,10]}}",
                        10,
                        "hole of 2 bytes between tensor 'a' and tensor 'b'"),
                header("{\"\":{" + four + "}}", 4, "cannot name a tensor"),
                Arguments.of(new byte[0], "truncated"),
                Arguments.of(new byte[7], "truncated"),
                Arguments.of(new byte[] {9, 0, 0, 0, 0, 0, 0, 0, '{', '}'}, "truncated: the header is 9 bytes long"),
                Arguments.of(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, "no safetensors file"),
                Arguments.of(new byte[] {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0}, "no safetensors file"),
                Arguments.of(new byte[] {4, 0, 0, 0, 0, 0, 0, 0, '{', -1, -2, '}'}, "not UTF-8"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesAMalformedFileWithItsNameAndTheReason(byte[] content, String reason) throws IOException {
        Path file = Files.write(folder.resolve("bad.safetensors"), content);
        assertThatExceptionOfType(WeightsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .withMessageContaining(file.toString())
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.source()).isEqualTo(file.toString()));
    }

    @Test
    void noDamageToAHeaderGoesUnnoticedOrFailsOtherwise() throws IOException {
        Path sound = Tensors.write(folder.resolve("sound"), List.of(Tensors.floats("w", 1, 2), Tensors.longs("n", 7)));
        byte[] bytes = Files.readAllBytes(sound);
        Random random = new Random(5);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(damaged.length - 16)] = (byte) random.nextInt(256);
            byte[] cut = random.nextBoolean() ? damaged : Arrays.copyOf(bytes, random.nextInt(bytes.length));
            Path file = Files.write(folder.resolve("damaged"), cut);
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                // what is still a sound file has all of its bytes inside
                for (TensorSpec spec : read.tensors()) {
                    assertThat(read.bytes(spec.name()).byteSize()).isEqualTo(spec.byteSize());
                }
                assertThat(cut).hasSize(bytes.length);
            } catch (WeightsException e) {
                assertThat(e.reason()).isNotBlank();
            }
        }
    }

    private static Arguments header(String json, int dataBytes, String reason) {
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        return Arguments.of(bytes.array(), reason);
    }

    private static List<TensorSource> sources(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::asSource).toList();
    }
}
