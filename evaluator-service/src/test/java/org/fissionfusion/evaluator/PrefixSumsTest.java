package org.fissionfusion.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsDigest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixSumsTest {
    private static final int ELEMENTS = 100;
    private static final long ONE_SUM = ELEMENTS * 8L;

    @TempDir
    private Path folder;

    private final List<Path> files = new ArrayList<>();
    private final List<Integer> opened = new ArrayList<>();

    @BeforeEach
    void writeIngredients() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 6; i++) {
            float[] values = new float[ELEMENTS];
            for (int k = 0; k < ELEMENTS; k++) {
                values[k] = (float) random.nextGaussian();
            }
            TensorSpec spec = new TensorSpec("w", DType.F32, new long[] {ELEMENTS});
            Path file = folder.resolve(i + ".safetensors");
            SafetensorsWriter.write(file, Map.of(), List.of(TensorSource.of(spec, MemorySegment.ofArray(values))));
            files.add(file);
        }
    }

    @Test
    void blendsTheSameBitsAsFromScratchWhateverItRemembers() throws IOException {
        Random random = new Random(2);
        for (long budget : new long[] {0, ONE_SUM, 2 * ONE_SUM, 100 * ONE_SUM}) {
            try (PrefixSums sums = new PrefixSums(budget)) {
                for (int round = 0; round < 20; round++) {
                    List<Integer> recipe = List.of(0, 1, 2, 3, 4, 5).subList(0, 2 + random.nextInt(5));
                    assertThat(blend(sums, recipe)).isEqualTo(fromScratch(recipe));
                }
            }
        }
    }

    @Test
    void keepsTheSoupAndNotTheCandidateWhenThereIsRoomForOneSum() throws IOException {
        try (PrefixSums sums = new PrefixSums(ONE_SUM)) {
            blend(sums, List.of(0, 1, 2));
            opened.clear();
            blend(sums, List.of(0, 1, 3));
            blend(sums, List.of(0, 1, 4));

            assertThat(opened).containsExactly(3, 4);
        }
    }

    private String blend(PrefixSums sums, List<Integer> recipe) throws IOException {
        return WeightsDigest.of(sums.mean(recipe.stream().map(String::valueOf).toList(), i -> {
            opened.add(recipe.get(i));
            return SafetensorsFile.open(files.get(recipe.get(i)));
        }));
    }

    private String fromScratch(List<Integer> recipe) throws IOException {
        List<Path> ranked = recipe.stream().map(files::get).toList();
        return MeanOfWeights.blend(ranked, ranked.size(), folder.resolve("mean.safetensors"), Map.of());
    }
}
