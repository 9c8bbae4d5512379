package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.vision.synthetic.SyntheticLesions;

/** A tiny experiment with fine-tunings that take longer than what is heard of them, so that they can be disturbed. */
final class ChaosExperiment {
    private static final Quickstart.Plan PLAN =
            new Quickstart.Plan(new SyntheticLesions.Sizes(160, 80, 160, 80, 80, 80), 3, 1, 32, """
            experiment: tiny
            model: {architecture: resnet20, weights: quickstart/backbone.safetensors}
            data:
              inDomain: quickstart/lesions
              outOfDomain: {other-camera: quickstart/other-camera.safetensors}
              imageSize: 16
            selection: {metric: macro-f1, bootstrapResamples: 100}
            training:
              batchSize: 32
              linearProbe: {epochs: 1, learningRate: 1e-3}
              fineTune: {epochs: 10, learningRates: [1e-3, 1e-4], augmentation: heavy, seed: 1}
              fission: {epochs: 1, cycle: 4, maxLearningRate: 1e-4, minLearningRate: 1e-7}
            strategies: [best, uniform, greedy, GoU, GoG]
            """);

    private static SortedMap<String, String> soups;

    private ChaosExperiment() {}

    /** Its soups, ids and digests, when nothing happens to it; run once for all tests that disturb it. */
    static synchronized SortedMap<String, String> undisturbed() throws Exception {
        if (soups == null) {
            Path folder = Files.createTempDirectory("undisturbed-");
            Path file = prepare(folder);
            Path base = file.toAbsolutePath().getParent();
            int code =
                    new LocalRun(folder, 2, TinyExperiment.silent(), Optional.empty()).run(tree(file, Map.of()), base);
            if (code != 0) {
                throw new IllegalStateException("the undisturbed run ended with " + code + ", see " + folder);
            }
            soups = RunProcess.soups(folder);
            UndisturbedRun.remove(folder);
        }
        return soups;
    }

    /**
     * Puts its files into the store.
     *
     * @param settings put over it
     */
    static ExperimentRequest request(Path folder, ObjectStore store, Map<String, String> settings) throws Exception {
        Path file = prepare(folder);
        RequestDraft draft = RequestReader.read(tree(file, settings));
        return draft.resolve(
                new RequestedFiles(draft, file.toAbsolutePath().getParent(), store, folder.resolve("prepare"), _ -> {})
                        .store());
    }

    /** True in the midst of a fine-tuning that has saved an epoch and will not end before it can be disturbed. */
    static boolean isMidEpoch(TaskProgress beat) {
        return beat.getStage().equals("fine-tune") && beat.getEpoch() > 1 && beat.getEpoch() < beat.getEpochs() / 2;
    }

    private static Path prepare(Path folder) throws Exception {
        return new Quickstart(folder, PLAN, TinyExperiment.silent()).prepare();
    }

    private static ObjectNode tree(Path file, Map<String, String> settings) throws Exception {
        ObjectNode tree = RequestYaml.read(file);
        RequestYaml.override(tree, settings);
        return tree;
    }
}
