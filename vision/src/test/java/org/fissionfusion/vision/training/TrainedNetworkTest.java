package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.NaiveResNet;
import org.fissionfusion.vision.model.Pixels;
import org.junit.jupiter.api.Test;

class TrainedNetworkTest {
    private static final Architecture RESNET = Architecture.named("resnet20");
    private static final int CLASSES = 3;
    private static final int SIZE = 8;
    private static final double RATE = 1e-2;

    private static TrainingPlan plan(TrainingStage stage, OptimizerSettings adam) {
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, 4, 1);
        return new TrainingPlan(RESNET, CLASSES, stage, input, adam, 1);
    }

    private static TrainingStage probe(BatchNormMode batchNorm) {
        return new TrainingStage.LinearProbe(new CosineSchedule(RATE, 1), batchNorm);
    }

    @Test
    void theHeadFollowsANaiveAdamW() throws IOException {
        for (boolean spare : new boolean[] {false, true}) {
            OptimizerSettings adam = new OptimizerSettings(0.3, 0.8, 0.99, 1e-6, spare);
            ModelWeights weights = InitialWeights.of(RESNET, CLASSES, 4);
            Pixels images = Pixels.random(4, SIZE, 9);
            long[] labels = {0, 2, 1, 2};
            NaiveResNet naive = new NaiveResNet(weights, 3, false);
            NaiveHead head = new NaiveHead(naive, adam, images.values(), labels);

            try (TrainedNetwork network = TrainedNetwork.load(plan(probe(BatchNormMode.FROZEN), adam))) {
                network.setWeights(weights);
                for (int step = 1; step <= 5; step++) {
                    double rate = RATE / step;
                    double expected = naive.loss(images.values(), labels);
                    assertThat((double) network.step(images.buffer(), labels, 4, rate))
                            .isCloseTo(expected, within(1e-5 * expected));
                    head.step(step, rate);
                }
                for (String name : new String[] {"linear.weight", "linear.bias"}) {
                    double[] trained = values(network, name);
                    for (int i = 0; i < trained.length; i++) {
                        assertThat(trained[i]).isCloseTo(naive.weight(name)[i], within(2e-6));
                    }
                }
                assertThat(values(network, "conv1.weight")).isEqualTo(naive.weight("conv1.weight"));
                assertThat(values(network, "bn1.running_mean")).isEqualTo(naive.weight("bn1.running_mean"));
            }
        }
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() throws IOException {
        ModelWeights weights = InitialWeights.of(RESNET, CLASSES, 4);
        Pixels images = Pixels.random(2, SIZE, 9);
        long[] labels = {0, 2};
        NaiveResNet naive = new NaiveResNet(weights, 3, true);
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(RATE, 1), Optional.empty());

        TrainingState.Learned learned;
        try (TrainedNetwork network = TrainedNetwork.load(plan(stage, OptimizerSettings.PAPER))) {
            network.setWeights(weights);
            assertThat((double) network.step(images.buffer(), labels, 2, RATE))
                    .isCloseTo(naive.loss(images.values(), labels), within(1e-5));
            learned = network.snapshot();
        }

        for (String name : new String[] {"conv1.weight", "layer2.0.bn1.bias", "layer3.2.conv2.weight", "linear.bias"}) {
            double[] weight = naive.weight(name);
            double[] firstMoment = values(learned, "exp_avg." + name);
            for (int i : new int[] {0, weight.length / 2, weight.length - 1}) {
                double kept = weight[i];
                weight[i] = kept + 1e-6;
                double above = naive.loss(images.values(), labels);
                weight[i] = kept - 1e-6;
                double below = naive.loss(images.values(), labels);
                weight[i] = kept;
                double expected = (above - below) / 2e-6;
                // after one step the first moment is a tenth of the gradient
                assertThat(firstMoment[i] * 10).isCloseTo(expected, within(1e-3 * Math.abs(expected) + 1e-5));
            }
        }
    }

    @Test
    void batchStatisticsMoveTheRunningOnesDuringAProbe() throws IOException {
        ModelWeights weights = InitialWeights.of(RESNET, CLASSES, 4);
        try (TrainedNetwork network = TrainedNetwork.load(plan(probe(BatchNormMode.BATCH), OptimizerSettings.PAPER))) {
            network.setWeights(weights);
            network.step(Pixels.random(4, SIZE, 9).buffer(), new long[] {0, 1, 2, 0}, 4, RATE);

            assertThat(values(network, "bn1.running_mean")).doesNotContain(0.0);
            assertThat(values(network, "conv1.weight"))
                    .isEqualTo(new NaiveResNet(weights, 3, true).weight("conv1.weight"));
        }
    }

    @Test
    void aTransformerLearnsItsBatch() throws IOException {
        Architecture transformer = Architecture.named("vit-micro");
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(RATE, 1), Optional.empty());
        ImageInput input = new ImageInput(32, Normalisation.IMAGENET, Augmentation.NONE, 4, 1);
        TrainingPlan plan = new TrainingPlan(
                transformer, CLASSES, stage, input, new OptimizerSettings(0.05, 0.9, 0.999, 1e-8, true), 1);
        Pixels images = Pixels.random(4, 32, 9);
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(InitialWeights.of(transformer, CLASSES, 4));
            float first = network.step(images.buffer(), new long[] {0, 1, 2, 0}, 4, 1e-3);
            float last = first;
            for (int i = 0; i < 15; i++) {
                last = network.step(images.buffer(), new long[] {0, 1, 2, 0}, 4, 1e-3);
            }
            assertThat(last).isLessThan(first / 2);
        }
    }

    private static double[] values(TrainedNetwork network, String name) {
        return values(network.snapshot(), name);
    }

    private static double[] values(TrainingState.Learned learned, String name) {
        Tensor tensor = java.util.stream.Stream.concat(learned.weights().stream(), learned.optimizer().stream())
                .filter(t -> t.spec().name().equals(name))
                .findFirst()
                .orElseThrow();
        double[] values = new double[(int) tensor.spec().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.bytes().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }
}
