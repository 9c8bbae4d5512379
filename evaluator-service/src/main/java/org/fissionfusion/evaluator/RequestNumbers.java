package org.fissionfusion.evaluator;

import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.FissionSpec;
import org.fissionfusion.events.Precision;
import org.fissionfusion.events.TrainingSpec;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.model.Architecture;

/** The numbers and names of a request: refused by key, value and what is allowed. */
final class RequestNumbers {
    private RequestNumbers() {}

    static void check(ExperimentRequested request) {
        TrainingSpec training = request.getTraining();
        atLeast("training.batchSize", training.getBatchSize(), 1);
        atLeast("training.linearProbe.epochs", training.getLinearProbe().getEpochs(), 1);
        rate("training.linearProbe.learningRate", training.getLinearProbe().getLearningRate());
        atLeast("training.fineTune.epochs", training.getFineTune().getEpochs(), 1);
        if (training.getFineTune().getLearningRates().isEmpty()) {
            throw new TaskRefused("training.fineTune.learningRates: []; allowed is one rate or more");
        }
        for (double rate : training.getFineTune().getLearningRates()) {
            rate("training.fineTune.learningRates", rate);
        }
        if (training.getPrecision() == Precision.UNKNOWN) {
            throw new TaskRefused("training.precision: " + training.getPrecision() + "; allowed are fp32, tf32, bf16");
        }
        fission(training.getFission());
        normalisation(request);
        architecture(request);
    }

    private static void fission(FissionSpec fission) {
        atLeast("training.fission.epochs", fission.getEpochs(), 1);
        if (fission.getCycle() < 2 || fission.getCycle() % 2 != 0) {
            throw new TaskRefused(
                    "training.fission.cycle: " + fission.getCycle() + "; allowed are even numbers of 2 or more");
        }
        rate("training.fission.maxLearningRate", fission.getMaxLearningRate());
        rate("training.fission.minLearningRate", fission.getMinLearningRate());
        if (fission.getMinLearningRate() > fission.getMaxLearningRate()) {
            throw new TaskRefused("training.fission.minLearningRate: " + fission.getMinLearningRate()
                    + "; allowed is at most maxLearningRate, " + fission.getMaxLearningRate());
        }
    }

    private static void normalisation(ExperimentRequested request) {
        if (request.getData().getMean().size() != 3
                || request.getData().getStd().size() != 3) {
            throw new TaskRefused("data.mean, data.std: " + request.getData().getMean() + ", "
                    + request.getData().getStd() + "; allowed are three channels each");
        }
        for (double deviation : request.getData().getStd()) {
            rate("data.std", deviation);
        }
        if (request.getData().getClassNames().size() < 2) {
            throw new TaskRefused(
                    "data.classNames: " + request.getData().getClassNames() + "; allowed are two classes or more");
        }
    }

    private static void architecture(ExperimentRequested request) {
        try {
            Architecture.named(
                    request.getModel().getArchitecture(), request.getData().getImageSize());
        } catch (IllegalArgumentException e) {
            throw new TaskRefused("model.architecture: " + e.getMessage(), e);
        }
    }

    private static void atLeast(String key, int value, int least) {
        if (value < least) {
            throw new TaskRefused(key + ": " + value + "; allowed is " + least + " or more");
        }
    }

    private static void rate(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new TaskRefused(key + ": " + value + "; allowed are finite numbers above 0");
        }
    }
}
