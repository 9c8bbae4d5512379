package org.fissionfusion.vision.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what torchvision 0.28 with Pillow 12.3 computes and draws; python/augment_fixtures.py made the numbers. */
class AugmentParityTest {
    private static final int DRAWS = 20_000;
    private static final int BINS = 10;
    private static final List<List<Integer>> ORDERS = List.of(
            List.of(0, 1, 2), List.of(0, 2, 1), List.of(1, 0, 2), List.of(1, 2, 0), List.of(2, 0, 1), List.of(2, 1, 0));

    private static List<String[]> lines(String kind) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                AugmentParityTest.class.getResourceAsStream("torchvision.txt"), StandardCharsets.UTF_8))) {
            return in.lines()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words[0].equals(kind))
                    .toList();
        }
    }

    static Stream<String> jittered() throws IOException {
        return lines("JITTER").stream().map(words -> String.join(" ", words));
    }

    static Stream<String> crops() throws IOException {
        return lines("CROP").stream().map(words -> String.join(" ", words));
    }

    @ParameterizedTest
    @MethodSource("jittered")
    void jittersInEveryOrderAsTorchvisionDoes(String line) {
        String[] words = line.split(" ", -1);
        Raster raster = madeUp(12);
        int[] order = numbers(words, 1, 4);
        double[] factors =
                Arrays.stream(words, 4, 7).mapToDouble(Double::parseDouble).toArray();

        new ColourJitter(new Tones()).apply(raster, order, factors);

        assertClose(raster, numbers(words, 7, words.length));
    }

    @Test
    void equalizesAPictureOfManyPixels() throws IOException {
        String[] words = lines("EQUALIZE").getFirst();
        Raster raster = madeUp(24);

        new RandAugment(new Tones()).apply(RandAugment.Operation.EQUALIZE, 0, raster);

        assertClose(raster, numbers(words, 2, words.length));
    }

    static Stream<String> magnitudes() throws IOException {
        return lines("MAGNITUDES").stream().map(words -> String.join(" ", words));
    }

    @ParameterizedTest
    @MethodSource("magnitudes")
    void scalesEveryOperationAsTorchvisionDoes(String line) {
        String[] words = line.split(" ", -1);
        RandAugment.Operation operation = Arrays.stream(RandAugment.Operation.values())
                .filter(it -> it.name().replace("_", "").equalsIgnoreCase(words[1]))
                .findFirst()
                .orElseThrow();
        int size = Integer.parseInt(words[2]);

        double[] magnitudes = IntStream.rangeClosed(0, RandAugment.STRONGEST)
                .mapToDouble(step -> operation.magnitude(step, size))
                .toArray();

        double[] wanted = Arrays.stream(words, 3, words.length)
                .mapToDouble(Double::parseDouble)
                .toArray();
        // torchvision's are single precision
        assertThat(magnitudes).containsExactly(wanted, within(2e-5));
        assertThat(Arrays.stream(magnitudes).mapToInt(it -> (int) it).toArray())
                .isEqualTo(Arrays.stream(wanted).mapToInt(it -> (int) it).toArray());
    }

    @Test
    void takesTheCentreWhereNoWindowFitsAsTorchvisionDoes() throws IOException {
        CropWindow window = new CropWindow();
        ImageRandom random = new ImageRandom();
        random.restart(1, 0, 0);
        for (String[] words : lines("CENTRAL")) {
            int[] numbers = numbers(words, 1, 7);

            window.choose(random, numbers[0], numbers[1], 5, 6);

            assertThat(new int[] {window.left(), window.top(), window.width(), window.height()})
                    .as(numbers[0] + " x " + numbers[1])
                    .containsExactly(Arrays.copyOfRange(numbers, 2, 6));
        }
    }

    @ParameterizedTest
    @MethodSource("crops")
    void drawsCropsAsTorchvisionDoes(String line) {
        String[] words = line.split(" ", -1);
        int width = Integer.parseInt(words[1]);
        int height = Integer.parseInt(words[2]);
        Histogram histogram = histogram(words[5], width, height);
        CropWindow window = new CropWindow();
        ImageRandom random = new ImageRandom();

        for (int i = 0; i < DRAWS; i++) {
            random.restart(1, 0, i);
            window.choose(random, width, height, Double.parseDouble(words[3]), Double.parseDouble(words[4]));
            histogram.add(window);
        }

        assertSameDistribution(histogram.counts, numbers(words, 6, words.length));
    }

    private static Histogram histogram(String quantity, int width, int height) {
        double log = Math.log(0.7);
        return switch (quantity) {
            case "width" -> new Histogram(CropWindow::width, 1, width);
            case "height" -> new Histogram(CropWindow::height, 1, height);
            case "left" -> new Histogram(CropWindow::left, 0, width);
            case "top" -> new Histogram(CropWindow::top, 0, height);
            case "ratio" -> new Histogram(window -> Math.log((double) window.width() / window.height()), log, -log);
            default -> throw new IllegalArgumentException(quantity);
        };
    }

    private static final class Histogram {
        private final ToDoubleFunction<CropWindow> quantity;
        private final double low;
        private final double high;
        private final int[] counts = new int[BINS];

        Histogram(ToDoubleFunction<CropWindow> quantity, double low, double high) {
            this.quantity = quantity;
            this.low = low;
            this.high = high;
        }

        void add(CropWindow window) {
            counts[bin(quantity.applyAsDouble(window), low, high)]++;
        }
    }

    private static int bin(double value, double low, double high) {
        return Math.min((int) ((value - low) / (high - low) * BINS), BINS - 1);
    }

    @Test
    void drawsColourJitterAsTorchvisionDoes() throws IOException {
        int[] orders = new int[ORDERS.size()];
        int[][] factors = new int[3][BINS];
        ImageRandom random = new ImageRandom();
        int[] order = new int[3];
        double[] drawn = new double[3];

        for (int i = 0; i < DRAWS; i++) {
            random.restart(1, 0, i);
            ColourJitter.draw(random, order, drawn);
            orders[ORDERS.indexOf(Arrays.stream(order).boxed().toList())]++;
            for (int k = 0; k < drawn.length; k++) {
                factors[k][bin(drawn[k], 0.6, 1.4)]++;
            }
        }

        assertSameDistribution(orders, numbers(lines("ORDERS").getFirst(), 1, 7));
        for (int k = 0; k < factors.length; k++) {
            assertSameDistribution(factors[k], numbers(lines("FACTOR").get(k), 2, 2 + BINS));
        }
    }

    @Test
    void drawsOperationsAndSignsAsTorchvisionDoes() throws IOException {
        Map<RandAugment.Operation, int[]> counts = new EnumMap<>(RandAugment.Operation.class);
        ImageRandom random = new ImageRandom();

        for (int i = 0; i < DRAWS; i++) {
            random.restart(1, 0, i);
            RandAugment.Operation operation = RandAugment.Operation.drawn(random);
            int sign = operation.drawnSign(random);
            counts.computeIfAbsent(operation, _ -> new int[2])[sign < 0 ? 1 : 0]++;
        }

        int[] operations =
                counts.values().stream().mapToInt(two -> two[0] + two[1]).toArray();
        int[] wanted = numbers(lines("OPERATIONS").getFirst(), 1, 15);
        int[] negative = numbers(lines("NEGATIVE").getFirst(), 1, 15);
        assertSameDistribution(operations, wanted);
        int i = 0;
        for (RandAugment.Operation operation : RandAugment.Operation.values()) {
            int[] two = counts.get(operation);
            assertThat(two[1] == 0).as(operation + " has no sign").isEqualTo(negative[i] == 0);
            assertSameDistribution(two, wanted[i] - negative[i], negative[i]);
            i++;
        }
    }

    /** Two samples of one size: the sum of (a - b)^2 / (a + b) is chi-square distributed. The bound is at p = 1e-5. */
    private static void assertSameDistribution(int[] counts, int... wanted) {
        assertThat(counts).hasSameSizeAs(wanted);
        double statistic = 0;
        int bins = 0;
        double scale =
                (double) Arrays.stream(wanted).sum() / Arrays.stream(counts).sum();
        for (int i = 0; i < counts.length; i++) {
            double total = counts[i] * scale + wanted[i];
            if (total > 0) {
                double difference = counts[i] * scale - wanted[i];
                statistic += difference * difference / total;
                bins++;
            }
        }
        assertThat(statistic)
                .as("%s against %s", Arrays.toString(counts), Arrays.toString(wanted))
                .isLessThan(bound(Math.max(1, bins - 1)));
    }

    /** Wilson and Hilferty's approximation of the chi-square quantile. */
    private static double bound(int degrees) {
        double z = 4.265;
        double ninth = 2.0 / (9 * degrees);
        return degrees * Math.pow(1 - ninth + z * Math.sqrt(ninth), 3);
    }

    private static void assertClose(Raster raster, int... expected) {
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs((raster.pixels()[i] & 0xff) - expected[i]));
        }
        assertThat(expected).hasSize(3 * raster.area());
        assertThat(worst).as("largest difference in grey levels").isZero();
    }

    private static int[] numbers(String[] words, int from, int to) {
        return Arrays.stream(words, from, to).mapToInt(Integer::parseInt).toArray();
    }

    private static Raster madeUp(int size) {
        Raster raster = new Raster(size, 3);
        for (int c = 0, i = 0; c < 3; c++) {
            for (int y = 0; y < size; y++) {
                for (int x = 0; x < size; x++, i++) {
                    raster.pixels()[i] = (byte) ((x * 37 + y * 59 + c * 83 + x * y * 7) % 211 + 20);
                }
            }
        }
        return raster;
    }
}
