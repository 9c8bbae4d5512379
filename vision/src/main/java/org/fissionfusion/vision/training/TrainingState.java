package org.fissionfusion.vision.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fissionfusion.core.schedule.EarlyStop;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.WeightsException;

/**
 * A run after some epochs: all that its continuation depends on.
 *
 * @param log one row per epoch done
 * @param now weights and moments after the last epoch
 * @param best the epoch of least validation loss, where the stage keeps it
 */
record TrainingState(List<EpochLog> log, Learned now, Optional<EarlyStop> earlyStop, Optional<Best> best) {
    private static final String FORMAT = "fissionfusion-training-state-1";

    /** Weights with buffers, and the moments and step counts of AdamW. */
    record Learned(List<Tensor> weights, List<Tensor> optimizer) {}

    record Best(int epoch, double loss, Learned learned) {}

    int epochsDone() {
        return log.size();
    }

    boolean stoppedEarly() {
        return earlyStop.map(EarlyStop::shouldStop).orElse(false);
    }

    /**
     * The state after one more epoch.
     *
     * @param served what a checkpoint of this epoch holds
     */
    TrainingState next(EpochLog epoch, Learned learned, Learned served, boolean keepBest) {
        List<EpochLog> rows = new ArrayList<>(log);
        rows.add(epoch);
        double loss = epoch.validationLoss();
        boolean better = keepBest && (best.isEmpty() || loss < best.get().loss());
        Optional<Best> kept = better ? Optional.of(new Best(epoch.epoch(), loss, served)) : best;
        return new TrainingState(List.copyOf(rows), learned, earlyStop.map(stop -> stop.next(loss)), kept);
    }

    void write(Path file, String fingerprint) throws IOException {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", FORMAT);
        metadata.put("plan", fingerprint);
        metadata.put("log", String.join("\n", log.stream().map(EpochLog::line).toList()));
        earlyStop.ifPresent(stop -> metadata.put(
                "earlyStop", stop.patience() + " " + stop.minDelta() + " " + stop.minimum() + " " + stop.counter()));
        List<TensorSource> tensors = new ArrayList<>();
        add(tensors, "", now);
        best.ifPresent(kept -> {
            metadata.put("best", kept.epoch() + " " + kept.loss());
            add(tensors, "best.", kept.learned());
        });
        SafetensorsWriter.write(file, metadata, tensors);
    }

    private static void add(List<TensorSource> tensors, String prefix, Learned learned) {
        tensors.addAll(NamedTensors.prefixed(prefix + "model.", learned.weights()));
        tensors.addAll(NamedTensors.prefixed(prefix + "optimizer.", learned.optimizer()));
    }

    /**
     * Reads a state.
     *
     * @throws WeightsException when the file is no state of this plan
     */
    static TrainingState read(Path path, String fingerprint) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, String> metadata = file.metadata();
            if (!FORMAT.equals(metadata.get("format"))) {
                throw new WeightsException(path.toString(), "is no training state");
            }
            if (!fingerprint.equals(metadata.get("plan"))) {
                throw new WeightsException(
                        path.toString(),
                        "is the state of another plan: " + metadata.get("plan") + ", not " + fingerprint);
            }
            String log = metadata.getOrDefault("log", "");
            List<EpochLog> rows =
                    log.isEmpty() ? List.of() : log.lines().map(EpochLog::parse).toList();
            Optional<Best> best = Optional.empty();
            if (metadata.containsKey("best")) {
                String[] parts = metadata.get("best").split(" ", -1);
                best = Optional.of(
                        new Best(Integer.parseInt(parts[0]), Double.parseDouble(parts[1]), learned(file, "best.")));
            }
            return new TrainingState(rows, learned(file, ""), earlyStop(metadata.get("earlyStop")), best);
        }
    }

    private static Learned learned(SafetensorsFile file, String prefix) throws IOException {
        return new Learned(NamedTensors.read(file, prefix + "model."), NamedTensors.read(file, prefix + "optimizer."));
    }

    private static Optional<EarlyStop> earlyStop(String text) {
        if (text == null) {
            return Optional.empty();
        }
        String[] parts = text.split(" ", -1);
        return Optional.of(new EarlyStop(
                Integer.parseInt(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Integer.parseInt(parts[3])));
    }
}
