package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Steps on the loss of findings against PyTorch's (golden_more.py: findings). */
class FindingsLossTest {
    private static final int FINDINGS = 5;
    private static final int IMAGES = 6;
    private static final int SIZE = 16;
    private static final double[] POSITIVES = {10, 3, 1, 4, 2};
    private static final byte[] KNOWN = {
        1, 0, -1, -2, 0, 0, 1, 1, 0, -2, -1, -2, 0, 1, 1, 1, 0, 0, -1, 0, 0, 0, 1, -2, -1, -2, 1, 0, 0, 1
    };
    private static final Labels.Findings LABELS = new Labels.Findings(KNOWN, List.of("a", "b", "c", "d", "e"));
    private static final OptionalDouble NONE = OptionalDouble.empty();

    private static FindingTargets targets(FindingsPolicy policy) {
        return new FindingTargets(FINDINGS, policy.decided(LABELS), FindingTargets.weights(POSITIVES));
    }

    private record Trained(List<Double> losses, TrainingState.Learned learned) {
        double[] values(String name) {
            Tensor tensor = Stream.concat(learned.weights().stream(), learned.optimizer().stream())
                    .filter(t -> t.spec().name().equals(name))
                    .findFirst()
                    .orElseThrow();
            return IntStream.range(0, (int) tensor.spec().elements())
                    .mapToDouble(i -> tensor.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i))
                    .toArray();
        }
    }

    private static Trained train(FindingsPolicy policy, int parts, int steps) throws IOException {
        Architecture resnet = Architecture.named("resnet20", SIZE);
        Refinements refinements = new Refinements(
                Computation.PAPER,
                new Refinements.Objective(0, false, 0, Optional.of(policy)),
                NONE,
                parts,
                NONE,
                1,
                false);
        TrainingPlan plan = new TrainingPlan(
                resnet,
                FINDINGS,
                new TrainingStage.FineTune(new CosineSchedule(1e-2, 1), Optional.empty()),
                new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, IMAGES, 1),
                new OptimizerSettings(0.01, 0.9, 0.999, 1e-2, false),
                1,
                refinements);
        ByteBuffer images = GoldenNumbers.images(IMAGES, SIZE);
        int[] batch = IntStream.range(0, IMAGES).toArray();
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(GoldenNumbers.weights(resnet, FINDINGS));
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < steps; i++) {
                float[] targets = targets(policy).batch(batch, IMAGES);
                losses.add((double) network.begin(network.stageFindings(images, targets, IMAGES, 0), 1e-2)
                        .read());
            }
            return new Trained(losses, network.snapshot());
        }
    }

    private static FindingsPolicy policy(JsonNode golden) {
        return FindingsPolicy.named(
                golden.get("uncertain").asText().toUpperCase(java.util.Locale.ROOT),
                golden.get("blank").asText().toUpperCase(java.util.Locale.ROOT));
    }

    @TestFactory
    Stream<DynamicTest> agreesWithPyTorch() {
        return BatchNormEstimateTest.GOLDEN
                .get("findings")
                .valueStream()
                .map(golden -> DynamicTest.dynamicTest(golden.get("case").asText(), () -> compare(golden)));
    }

    private static void compare(JsonNode golden) throws IOException {
        int parts = golden.get("parts").asInt();
        Trained trained = train(policy(golden), parts, 3);

        for (int i = 0; i < 3; i++) {
            double loss = golden.get("losses").get(i).asDouble();
            assertThat(trained.losses().get(i)).as("loss " + i).isCloseTo(loss, within(1e-4 * loss));
        }
        // after one step the first moment is a tenth of the gradient
        double[] moment = train(policy(golden), parts, 1).values("exp_avg.linear.weight");
        for (int i = 0; i < golden.get("headGradient").size(); i++) {
            double gradient = golden.get("headGradient").get(i).asDouble();
            assertThat(10 * moment[40 * i]).as("gradient " + 40 * i).isCloseTo(gradient, within(1e-4));
        }
        Trained start = train(policy(golden), parts, 0);
        golden.get("moved").properties().forEach(one -> {
            double[] before = start.values(one.getKey());
            double[] after = trained.values(one.getKey());
            JsonNode moved = one.getValue();
            for (int i = 0; i < moved.get("at").size(); i++) {
                int at = moved.get("at").get(i).asInt();
                assertThat(after[at] - before[at])
                        .as(one.getKey() + " " + at)
                        .isCloseTo(
                                moved.get("values").get(i).asDouble(),
                                within(2e-3 * moved.get("largest").asDouble()));
            }
        });
    }

    @Test
    void theRarestFindingWeighsOneAndTheCommonestLeast() {
        double[] weights = FindingTargets.weights(POSITIVES);

        // max 10, mean 4: (10 - n + 4) / 13
        assertThat(weights).containsExactly(4 / 13.0, 11 / 13.0, 1, 10 / 13.0, 12 / 13.0);
        assertThat(FindingTargets.weights(new double[2])).containsExactly(1, 1);
    }

    @Test
    void theLossOfAWholeSetIsThatOfOneBatch() throws IOException {
        FindingsPolicy policy = new FindingsPolicy(FindingsPolicy.Uncertain.ONES, FindingsPolicy.Blank.IGNORE);
        float[] logits = new float[KNOWN.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (i * 7 % 11 - 5) / 2f;
        }
        FindingTargets targets = targets(policy);
        float[] batch = targets.batch(IntStream.range(0, IMAGES).toArray(), IMAGES);
        double expected = 0;
        for (int i = 0; i < logits.length; i++) {
            double p = 1 / (1 + Math.exp(-logits[i]));
            expected -= batch[KNOWN.length + i] * Math.log(batch[i] == 1 ? p : 1 - p);
        }

        assertThat(targets.loss(logits)).isCloseTo(expected, within(1e-6));
        assertThat(targets.accuracy(logits)).isBetween(0.0, 1.0);
    }
}
