package org.fissionfusion.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestTest {

    @TempDir
    Path folder;

    @Test
    void digestsAFileAsTheStandardSays() throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");
        assertThat(FileDigest.sha256(file))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThat(FileDigest.sha256(empty))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Path large = Files.write(folder.resolve("large"), new byte[1_000_003]);
        Sha256 whole = new Sha256();
        whole.update(new byte[1_000_003]);
        assertThat(FileDigest.sha256(large)).isEqualTo(HexFormat.of().formatHex(whole.finish()));
    }

    @Test
    void theWeightsDigestKnowsNeitherOrderNorMetadataNorFile() throws IOException {
        Random random = new Random(3);
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            tensors.add(Tensors.random(random, "t" + i, List.of(DType.values()).get(i), 7, i));
        }
        String digest = WeightsDigest.of(tensors);
        assertThat(digest).matches("[0-9a-f]{64}");
        for (int round = 0; round < 5; round++) {
            Collections.shuffle(tensors, random);
            assertThat(WeightsDigest.of(tensors)).isEqualTo(digest);
        }
        Path file = folder.resolve("any name");
        SafetensorsWriter.write(
                file, Map.of("k", "v"), tensors.stream().map(Tensor::asSource).toList());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(WeightsDigest.of(read)).isEqualTo(digest);
        }
    }

    @Test
    void theWeightsDigestKnowsNamesTypesShapesAndEveryBit() {
        Tensor base = Tensors.floats("w", 1, 2, 3, 4);
        Set<String> digests = new HashSet<>();
        digests.add(WeightsDigest.of(List.of(base)));
        digests.add(WeightsDigest.of(List.of()));
        digests.add(WeightsDigest.of(List.of(base, Tensors.floats("x"))));
        digests.add(WeightsDigest.of(List.of(Tensors.floats("v", 1, 2, 3, 4))));
        digests.add(WeightsDigest.of(List.of(Tensors.floats("w", 1, 2, 3, Math.nextUp(4f)))));
        digests.add(WeightsDigest.of(List.of(Tensors.floats("w", 2, 1, 3, 4))));
        digests.add(WeightsDigest.of(List.of(
                new Tensor(new TensorSpec("w", DType.F32, new long[] {2, 2}), base.bytes()))));
        digests.add(WeightsDigest.of(
                List.of(new Tensor(new TensorSpec("w", DType.I32, new long[] {4}), base.bytes()))));
        assertThat(digests).hasSize(8);
    }

    @Test
    void aNameGivenTwiceHasNoDigest() {
        assertThatThrownBy(() -> WeightsDigest.of(List.of(Tensors.floats("w", 1), Tensors.floats("w", 1))))
                .hasMessageContaining("'w' is given twice");
    }

    @Test
    void specsAreEqualByContentAndCannotBeChanged() {
        long[] shape = {2, 3};
        TensorSpec spec = new TensorSpec("w", DType.F32, shape);
        shape[0] = 9;
        spec.shape()[1] = 9;
        assertThat(spec)
                .isEqualTo(new TensorSpec("w", DType.F32, new long[] {2, 3}))
                .hasSameHashCodeAs(new TensorSpec("w", DType.F32, new long[] {2, 3}))
                .hasToString("w F32[2, 3]");
        assertThat(spec.elements()).isEqualTo(6);
        assertThat(spec.byteSize()).isEqualTo(24);
        assertThatThrownBy(() -> new Tensor(spec, Tensors.floats("w", 1).bytes()))
                .hasMessageContaining("4 bytes given for w F32[2, 3]");
    }
}
