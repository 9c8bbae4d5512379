package org.fissionfusion.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MeanOfWeightsTest {

    private static final int[] SIZES = {0, 1, 7, Chunks.ELEMENTS - 1, Chunks.ELEMENTS, 2 * Chunks.ELEMENTS + 3};

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F64", "F32", "F16", "BF16"})
    void isBitEqualToTheNaiveLoop(DType type) throws IOException {
        Random random = new Random(21);
        for (int ingredients = 1; ingredients <= 7; ingredients += 2) {
            List<Path> files = ingredients(random, type, ingredients);
            Path soup = folder.resolve("soup");
            String digest = MeanOfWeights.blend(files, ingredients, soup, Map.of());
            List<SafetensorsFile> open = open(files);
            try (SafetensorsFile mean = SafetensorsFile.open(soup)) {
                assertThat(WeightsDigest.of(mean)).isEqualTo(digest);
                assertThat(mean.tensors()).isEqualTo(open.getFirst().tensors());
                for (int size : SIZES) {
                    requireNaiveMean(type, "w" + size, open, mean);
                }
                assertThat(mean.bytes("steps").mismatch(open.getFirst().bytes("steps")))
                        .isEqualTo(-1);
            } finally {
                open.forEach(SafetensorsFile::close);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F64", "F32", "F16", "BF16"})
    void theRunningSumIsBitEqualToBlendingFromScratch(DType type) throws IOException {
        Random random = new Random(22);
        List<Path> files = ingredients(random, type, 6);
        List<Path> soup = new ArrayList<>();
        List<SafetensorsFile> open = open(files);
        try (RunningSum sum = new RunningSum()) {
            for (int i = 0; i < files.size(); i++) {
                List<Path> candidate = new ArrayList<>(soup);
                candidate.add(files.get(i));
                Path target = folder.resolve("soup");
                String fromScratch = MeanOfWeights.blend(candidate, candidate.size(), target, Map.of());

                assertThat(WeightsDigest.of(sum.meanWith(open.get(i)))).isEqualTo(fromScratch);
                // accept some, as a greedy soup does, and taste again through a copy
                if (i != 2) {
                    try (RunningSum copy = sum.copy()) {
                        copy.add(open.get(i));
                        assertThat(WeightsDigest.of(copy.meanTensors())).isEqualTo(fromScratch);
                        assertThat(copy.mean().keySet())
                                .containsExactlyElementsOf(open.getFirst().tensors().stream()
                                        .map(TensorSpec::name)
                                        .toList());
                    }
                    sum.add(open.get(i));
                    soup.add(files.get(i));
                    assertThat(WeightsDigest.of(sum.meanTensors())).isEqualTo(fromScratch);
                }
                assertThat(sum.count()).isEqualTo(soup.size());
            }
        } finally {
            open.forEach(SafetensorsFile::close);
        }
    }

    @Test
    void aSoupOfOneIsThatOneBitForBit() throws IOException {
        Path file = Tensors.write(
                folder.resolve("one"),
                List.of(Tensors.floats("w", -0.0f, Float.MIN_VALUE, Float.MAX_VALUE, 1 / 3f), Tensors.longs("n", 5)));
        Path soup = folder.resolve("soup");
        MeanOfWeights.blend(List.of(file), 1, soup, Map.of());
        assertThat(Files.mismatch(file, soup)).isEqualTo(-1);
    }

    @Test
    void theDivisorNeedNotBeTheNumberOfFiles() throws IOException {
        Path file = Tensors.write(folder.resolve("a"), List.of(Tensors.floats("w", 3)));
        Path soup = folder.resolve("soup");
        MeanOfWeights.blend(List.of(file, file), 4, soup, Map.of("k", "v"));
        try (SafetensorsFile mean = SafetensorsFile.open(soup)) {
            assertThat(Tensors.values(DType.F32, mean.bytes("w"))).containsExactly(1.5);
            assertThat(mean.metadata()).isEqualTo(Map.of("k", "v"));
        }
        assertThatThrownBy(() -> MeanOfWeights.blend(List.of(file), 0, soup, Map.of()))
                .hasMessageContaining("divisor");
        assertThatThrownBy(() -> MeanOfWeights.blend(List.of(), 1, soup, Map.of()))
                .hasMessageContaining("ranked");
    }

    @Test
    void namesTheTensorAndBothShapesWhenIngredientsDiffer() throws IOException {
        Path first = Tensors.write(folder.resolve("first"), List.of(Tensors.floats("w", 1, 2)));
        Path shape = Tensors.write(folder.resolve("shape"), List.of(Tensors.floats("w", 1)));
        Path name = Tensors.write(folder.resolve("name"), List.of(Tensors.floats("v", 1, 2)));
        Path more = Tensors.write(folder.resolve("more"), List.of(Tensors.floats("w", 1, 2), Tensors.floats("x", 1)));
        Path soup = folder.resolve("soup");

        refuses(List.of(first, shape), soup, "shape: tensor 'w' is F32[1] but F32[2] in " + first);
        refuses(List.of(first, name), soup, "name: tensor 'w' is missing; it is F32[2] in " + first);
        refuses(List.of(first, more), soup, "more: tensor 'x' is F32[1] but not in " + first);
        assertThat(soup).doesNotExist();

        try (RunningSum sum = new RunningSum();
                SafetensorsFile one = SafetensorsFile.open(first);
                SafetensorsFile other = SafetensorsFile.open(shape)) {
            sum.add(one);
            assertThatThrownBy(() -> sum.add(other)).hasMessageContaining("tensor 'w' is F32[1] but F32[2]");
            assertThatThrownBy(() -> sum.meanWith(other)).isInstanceOf(WeightsException.class);
            assertThat(WeightsDigest.of(sum.meanTensors())).isEqualTo(WeightsDigest.of(one));
        }
    }

    @Test
    void anEmptySumHasNoMean() {
        try (RunningSum sum = new RunningSum()) {
            assertThatThrownBy(sum::mean).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F64", "F32", "F16", "BF16"})
    void findsTheTensorThatIsNotFinite(DType type) throws IOException {
        Tensor sound = Tensors.random(new Random(1), "a", type, Chunks.ELEMENTS + 5);
        Tensor broken = Tensors.random(new Random(1), "b", type, Chunks.ELEMENTS + 5);
        Tensor integers = Tensors.longs("n", -1, Long.MIN_VALUE);
        Path file = Tensors.write(folder.resolve("sound"), List.of(sound, broken, integers));
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(MeanOfWeights.firstNonFinite(read)).isEmpty();
        }
        // the exponent of the last element, all ones: an infinity or a NaN
        long last = broken.bytes().byteSize();
        broken.bytes().asSlice(last - 2).fill((byte) 0xff);
        Path other = Tensors.write(folder.resolve("broken"), List.of(sound, broken, integers));
        try (SafetensorsFile read = SafetensorsFile.open(other)) {
            assertThat(MeanOfWeights.firstNonFinite(read)).contains("b");
        }
    }

    @Test
    void roundsOnceToSixteenBits() {
        Random random = new Random(9);
        for (int round = 0; round < 200_000; round++) {
            short half = (short) random.nextInt(0x7bff);
            double low = Float.float16ToFloat(half);
            double high = Float.float16ToFloat((short) (half + 1));
            requireRounded(half, low, high, false);
            short brain = (short) random.nextInt(0x7f7f);
            requireRounded(brain, Float.intBitsToFloat(brain << 16), Float.intBitsToFloat((brain + 1) << 16), true);
        }
        assertThat(Accumulator.toFloat16(1e300)).isEqualTo((short) 0x7c00);
        assertThat(Accumulator.toBfloat16(-1e300)).isEqualTo((short) 0xff80);
        assertThat(Accumulator.toFloat16(-0.0)).isEqualTo((short) 0x8000);
        assertThat(Accumulator.toBfloat16(-1e-300)).isEqualTo((short) 0x8000);
        assertThat(Float.intBitsToFloat(Accumulator.toBfloat16(Double.NaN) << 16))
                .isNaN();
    }

    /** Around the middle between two neighbours a second rounding would go wrong. */
    private static void requireRounded(short bits, double low, double high, boolean brain) {
        double middle = (low + high) / 2;
        short even = (short) (bits + (bits & 1));
        assertThat(round(middle, brain)).isEqualTo(even);
        assertThat(round(Math.nextDown(middle), brain)).isEqualTo(bits);
        assertThat(round(Math.nextUp(middle), brain)).isEqualTo((short) (bits + 1));
        assertThat(round(-Math.nextUp(middle), brain)).isEqualTo((short) ((bits + 1) | 0x8000));
        assertThat(round(low, brain)).isEqualTo(bits);
    }

    private static short round(double value, boolean brain) {
        return brain ? Accumulator.toBfloat16(value) : Accumulator.toFloat16(value);
    }

    private void refuses(List<Path> files, Path soup, String reason) {
        assertThatExceptionOfType(WeightsException.class)
                .isThrownBy(() -> MeanOfWeights.blend(files, files.size(), soup, Map.of()))
                .withMessageContaining(reason);
    }

    private static void requireNaiveMean(DType type, String name, List<SafetensorsFile> open, SafetensorsFile mean) {
        List<double[]> values = open.stream()
                .map(file -> Tensors.values(type, file.bytes(name)))
                .toList();
        double[] actual = Tensors.values(type, mean.bytes(name));
        for (int i = 0; i < actual.length; i++) {
            double sum = values.getFirst()[i];
            BigDecimal exact = new BigDecimal(sum);
            for (double[] next : values.subList(1, values.size())) {
                sum += next[i];
                exact = exact.add(new BigDecimal(next[i]));
            }
            double expected = sum / open.size();
            BigDecimal exactMean = exact.divide(new BigDecimal(open.size()), MathContext.DECIMAL128);
            switch (type) {
                case F64 -> assertThat(actual[i]).isEqualTo(expected);
                case F32 -> assertThat(actual[i]).isEqualTo((float) expected);
                case F16, BF16 -> requireNearest(type, actual[i], exactMean);
                case I64, U64, I32, U32, I16, U16, I8, U8, BOOL -> throw new IllegalArgumentException();
            }
        }
    }

    /** No neighbour among the 16-bit numbers is nearer to the exact mean. */
    private static void requireNearest(DType type, double actual, BigDecimal exact) {
        BigDecimal error = exact.subtract(new BigDecimal(actual)).abs();
        for (int step : new int[] {-1, 1}) {
            double neighbour = type == DType.F16
                    ? Float.float16ToFloat((short) (Float.floatToFloat16((float) actual) + step))
                    : Float.intBitsToFloat(Float.floatToRawIntBits((float) actual) + (step << 16));
            if (Double.isFinite(neighbour)) {
                assertThat(exact.subtract(new BigDecimal(neighbour)).abs()).isGreaterThanOrEqualTo(error);
            }
        }
    }

    private List<Path> ingredients(Random random, DType type, int count) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Tensor> tensors = new ArrayList<>();
            for (int size : SIZES) {
                tensors.add(Tensors.random(random, "w" + size, type, size));
            }
            tensors.add(Tensors.longs("steps", i, 100 + i));
            files.add(Tensors.write(folder.resolve(type + "-" + count + "-" + i), tensors));
        }
        return files;
    }

    private static List<SafetensorsFile> open(List<Path> files) throws IOException {
        List<SafetensorsFile> open = new ArrayList<>();
        for (Path file : files) {
            open.add(SafetensorsFile.open(file));
        }
        return open;
    }
}
