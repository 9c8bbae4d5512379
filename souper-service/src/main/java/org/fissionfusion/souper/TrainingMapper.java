package org.fissionfusion.souper;

import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.request.Augmentation;
import org.fissionfusion.core.request.EarlyStopping;
import org.fissionfusion.core.request.FineTune;
import org.fissionfusion.core.request.Fission;
import org.fissionfusion.core.request.GridSearch;
import org.fissionfusion.core.request.LinearProbe;
import org.fissionfusion.core.request.Optimizer;
import org.fissionfusion.core.request.Training;
import org.fissionfusion.events.BatchNormMode;
import org.fissionfusion.events.EarlyStopSpec;
import org.fissionfusion.events.FineTuneSpec;
import org.fissionfusion.events.FissionSpec;
import org.fissionfusion.events.GridSearchSpec;
import org.fissionfusion.events.LinearProbeSpec;
import org.fissionfusion.events.OptimizerSpec;
import org.fissionfusion.events.TrainingSpec;

/** What is trained, as a part of a request's event and as domain records, both ways. */
final class TrainingMapper {
    private TrainingMapper() {}

    static TrainingSpec toEvent(Training training) {
        LinearProbe probe = training.linearProbe();
        FineTune fineTune = training.fineTune();
        Fission fission = training.fission();
        return new TrainingSpec(
                training.batchSize(),
                optimizer(training.optimizer()),
                RefinementsMapper.precision(training.refinements()),
                new LinearProbeSpec(
                        probe.epochs(), probe.learningRate(), augmentation(probe.augmentation()), batchNorm(probe)),
                new FineTuneSpec(
                        fineTune.epochs(),
                        fineTune.learningRates(),
                        augmentation(fineTune.augmentation()),
                        fineTune.seed(),
                        earlyStop(fineTune)),
                new FissionSpec(
                        fission.epochs(),
                        fission.cycle(),
                        fission.maxLearningRate(),
                        fission.minLearningRate(),
                        fission.relative()),
                training.gridSearch()
                        .map(grid -> new GridSearchSpec(
                                grid.augmentations().stream()
                                        .map(TrainingMapper::augmentation)
                                        .toList(),
                                grid.seeds()))
                        .orElse(null),
                RefinementsMapper.toEvent(training.refinements()));
    }

    static OptimizerSpec optimizer(Optimizer adamW) {
        return new OptimizerSpec(
                adamW.weightDecay(), adamW.beta1(), adamW.beta2(), adamW.epsilon(), adamW.spareNormsAndBiases());
    }

    static org.fissionfusion.events.Augmentation augmentation(Augmentation augmentation) {
        return org.fissionfusion.events.Augmentation.valueOf(augmentation.name());
    }

    static BatchNormMode batchNorm(LinearProbe probe) {
        return probe.frozenBatchNorm() ? BatchNormMode.FROZEN : BatchNormMode.BATCH;
    }

    static EarlyStopSpec earlyStop(FineTune fineTune) {
        return fineTune.earlyStop()
                .map(stop -> new EarlyStopSpec(stop.patience(), stop.minDelta()))
                .orElse(null);
    }

    // ------------------------------------------------------------ from events

    static Training fromEvent(TrainingSpec event) {
        if (event.getLinearProbe().getBatchNorm() == BatchNormMode.UNKNOWN) {
            throw RequestMapper.unknown(
                    "training.linearProbe.batchNorm", List.of(BatchNormMode.BATCH, BatchNormMode.FROZEN));
        }
        OptimizerSpec optimizer = event.getOptimizer();
        LinearProbeSpec probe = event.getLinearProbe();
        FineTuneSpec fineTune = event.getFineTune();
        FissionSpec fission = event.getFission();
        return new Training(
                event.getBatchSize(),
                new Optimizer(
                        optimizer.getWeightDecay(),
                        optimizer.getBeta1(),
                        optimizer.getBeta2(),
                        optimizer.getEpsilon(),
                        optimizer.getSpareNormsAndBiases()),
                new LinearProbe(
                        probe.getEpochs(),
                        probe.getLearningRate(),
                        augmentation(probe.getAugmentation()),
                        probe.getBatchNorm() == BatchNormMode.FROZEN),
                new FineTune(
                        fineTune.getEpochs(),
                        fineTune.getLearningRates(),
                        augmentation(fineTune.getAugmentation()),
                        fineTune.getSeed(),
                        Optional.ofNullable(fineTune.getEarlyStop())
                                .map(stop -> new EarlyStopping(stop.getPatience(), stop.getMinDelta()))),
                new Fission(
                        fission.getEpochs(),
                        fission.getCycle(),
                        fission.getMaxLearningRate(),
                        fission.getMinLearningRate(),
                        fission.getRelative()),
                Optional.ofNullable(event.getGridSearch())
                        .map(grid -> new GridSearch(
                                grid.getAugmentations().stream()
                                        .map(TrainingMapper::augmentation)
                                        .toList(),
                                grid.getSeeds())),
                RefinementsMapper.fromEvent(event.getPrecision(), event.getRefinements()));
    }

    private static Augmentation augmentation(org.fissionfusion.events.Augmentation event) {
        return RequestMapper.known("augmentation", Augmentation.class, event);
    }
}
