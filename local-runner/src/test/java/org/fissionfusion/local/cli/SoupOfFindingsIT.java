package org.fissionfusion.local.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Network;
import org.fissionfusion.vision.scoring.Evaluation;
import org.fissionfusion.vision.scoring.EvaluationImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code soup --method greedy} on films of several findings. */
class SoupOfFindingsIT {
    private static final int SIZE = 16;
    private static final int IMAGES = 60;
    private static final List<String> NAMES = List.of("Edema", "Fracture", "Nodule");
    private static final int UNKNOWN = -9;

    @TempDir
    private Path folder;

    private final byte[] known = new byte[IMAGES * NAMES.size()];

    private void prepare() throws Exception {
        Random random = new Random(3);
        for (int i = 0; i < known.length; i++) {
            known[i] = (byte) (random.nextInt(4) - 2);
        }
        PreparedSetWriter.write(
                folder.resolve("films.safetensors"),
                new LabelledImages(
                        new ImageShape(SIZE, SIZE, 3),
                        pixels(),
                        new Labels.Findings(known, NAMES),
                        Optional.empty(),
                        List.of()),
                new PreparedSetWriter.Origin("made up", "none"),
                Map.of());
        for (int i = 0; i < 3; i++) {
            InitialWeights.of(Architecture.named("resnet20", SIZE), NAMES.size(), i)
                    .write(folder.resolve(i + ".safetensors"), Map.of("format", "pt"));
        }
    }

    private static MemorySegment pixels() {
        byte[] noise = new byte[IMAGES * SIZE * SIZE * 3];
        new Random(4).nextBytes(noise);
        MemorySegment pixels = Arena.ofAuto().allocate(noise.length);
        MemorySegment.copy(noise, 0, pixels, ValueLayout.JAVA_BYTE, 0, noise.length);
        return pixels;
    }

    private record Printed(int code, String text) {}

    private Printed soup(String... more) {
        List<String> arguments = new ArrayList<>(List.of("soup", "--method", "greedy", "--json"));
        for (int i = 0; i < 3; i++) {
            arguments.add(folder.resolve(i + ".safetensors").toString());
        }
        arguments.addAll(List.of("-o", folder.resolve("soup.safetensors").toString()));
        arguments.addAll(List.of("--data", folder.resolve("films.safetensors").toString()));
        arguments.addAll(List.of("--architecture", "resnet20", "--image-size", "" + SIZE, "--metric", "auroc"));
        arguments.addAll(List.of(more));
        PrintStream usual = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            int code = FissionFusion.execute(arguments.toArray(String[]::new));
            return new Printed(code, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(usual);
        }
    }

    /** The greatest mean AUROC of a file, each by counting pairs. */
    private double best(IntUnaryOperator decided) throws Exception {
        double best = 0;
        for (int file = 0; file < 3; file++) {
            best = Math.max(best, meanAuroc(logits(folder.resolve(file + ".safetensors")), decided));
        }
        return best;
    }

    private float[] logits(Path file) throws Exception {
        Architecture resnet = Architecture.named("resnet20", SIZE);
        try (PreparedSet set = PreparedSet.open(folder.resolve("films.safetensors"));
                EvaluationImages images = new EvaluationImages(set, SIZE, Normalisation.IMAGENET, IMAGES, 0);
                Network network = Network.load(resnet, NAMES.size())) {
            network.set(ModelWeights.read(file, resnet, NAMES.size()));
            return Evaluation.logits(network, images);
        }
    }

    private double meanAuroc(float[] logits, IntUnaryOperator decided) {
        int width = NAMES.size();
        double sum = 0;
        for (int t = 0; t < width; t++) {
            double right = 0;
            int pairs = 0;
            for (int i = t; i < known.length; i += width) {
                for (int j = t; j < known.length; j += width) {
                    if (decided.applyAsInt(known[i]) == 1 && decided.applyAsInt(known[j]) == 0) {
                        pairs++;
                        right += logits[i] > logits[j] ? 1 : logits[i] == logits[j] ? 0.5 : 0;
                    }
                }
            }
            sum += right / pairs;
        }
        return sum / width;
    }

    private void requireFirstTasted(Printed printed, double wanted) throws Exception {
        assertThat(printed.code()).isZero();
        JsonNode first = new ObjectMapper().readTree(printed.text()).at("/ingredients/0");
        assertThat(first.path("accepted").asBoolean()).isTrue();
        assertThat(first.path("tasted").asDouble()).isCloseTo(wanted, within(1e-9));
    }

    @Test
    void scoresWhatIsKnown() throws Exception {
        prepare();

        Printed printed = soup();

        requireFirstTasted(printed, best(value -> value < 0 ? UNKNOWN : value));
        JsonNode rows = new ObjectMapper().readTree(printed.text()).path("ingredients");
        Path[] accepted = rows.valueStream()
                .filter(row -> row.path("accepted").asBoolean())
                .map(row -> Path.of(row.path("file").asText()))
                .toArray(Path[]::new);
        double last = rows.valueStream()
                .filter(row -> row.path("accepted").asBoolean())
                .mapToDouble(row -> row.path("tasted").asDouble())
                .max()
                .orElseThrow();
        assertThat(accepted).isNotEmpty();
        assertThat(meanAuroc(logits(folder.resolve("soup.safetensors")), value -> value < 0 ? UNKNOWN : value))
                .as("the soup of %s", Arrays.toString(accepted))
                .isCloseTo(last, within(1e-9));
    }

    @Test
    void countsUncertainAndBlankFindingsAsItIsTold() throws Exception {
        prepare();

        requireFirstTasted(soup("--uncertain", "ones", "--blank", "zeros"), best(value -> switch (value) {
            case Labels.Findings.UNCERTAIN -> 1;
            case Labels.Findings.BLANK -> 0;
            default -> value;
        }));
        requireFirstTasted(soup("--uncertain", "zeros"), best(value -> switch (value) {
            case Labels.Findings.UNCERTAIN -> 0;
            case Labels.Findings.BLANK -> UNKNOWN;
            default -> value;
        }));
    }

    @Test
    void refusesAPolicyThatIsNoneOrHasNothingToDecide() throws Exception {
        prepare();
        assertThat(soup("--blank", "ones").code()).isEqualTo(FissionFusion.WRONG_USE);
        PreparedSetWriter.write(
                folder.resolve("films.safetensors"),
                new LabelledImages(new ImageShape(SIZE, SIZE, 3), pixels(), new int[IMAGES], Optional.empty(), NAMES),
                new PreparedSetWriter.Origin("made up", "none"),
                Map.of());

        assertThat(soup("--blank", "zeros").code()).isEqualTo(FissionFusion.WRONG_USE);
    }
}
