package org.fissionfusion.vision.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.vision.model.ModelWeights;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.model.TorchEngine;

/** Writes checkpoints with lineage that is the same whenever the run is repeated. */
record CheckpointFiles(TrainingPlan plan, StateFolder folder) {

    /** The best epoch, with the optimizer state for fission to inherit. */
    SavedCheckpoint saveBest(TrainingState.Best best) throws IOException {
        Path optimizer = folder.optimizer(0);
        SafetensorsWriter.write(
                optimizer,
                lineage(0, best.epoch()),
                best.learned().optimizer().stream().map(Tensor::asSource).toList());
        return save(0, best.epoch(), best.learned(), Optional.of(optimizer), best.loss());
    }

    /** The end of a cycle of fission. */
    SavedCheckpoint saveCycle(int cycle, EpochLog log, TrainingState.Learned learned) throws IOException {
        return save(cycle, log.epoch(), learned, Optional.empty(), log.validationLoss());
    }

    private SavedCheckpoint save(
            int cycle, int epoch, TrainingState.Learned learned, Optional<Path> optimizer, double loss)
            throws IOException {
        ModelWeights weights = ModelWeights.of(plan.architecture(), plan.classes(), learned.weights());
        Path file = folder.weights(cycle);
        weights.write(file, lineage(cycle, epoch));
        return new SavedCheckpoint(cycle, epoch, file, weights.digest(), optimizer, loss);
    }

    private Map<String, String> lineage(int cycle, int epoch) {
        Precision precision = plan.refinements().computation().precision();
        Map<String, String> lineage = new TreeMap<>(TorchEngine.platform(precision));
        lineage.put("format", "pt");
        lineage.put("architecture", plan.architecture().name());
        lineage.put("classes", Integer.toString(plan.classes()));
        lineage.put("stage", plan.stage().wireName());
        lineage.put("cycle", Integer.toString(cycle));
        lineage.put("epoch", Integer.toString(epoch));
        lineage.put("seed", Long.toString(plan.seed()));
        lineage.put("plan", plan.fingerprint());
        return lineage;
    }
}
