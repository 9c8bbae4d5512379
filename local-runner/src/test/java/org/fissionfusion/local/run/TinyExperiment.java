package org.fissionfusion.local.run;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.fissionfusion.vision.synthetic.SyntheticLesions;

/** An experiment of every kind of task and strategy that takes seconds. */
final class TinyExperiment {
    static final Quickstart.Plan PLAN =
            new Quickstart.Plan(new SyntheticLesions.Sizes(160, 80, 160, 80, 80, 80), 3, 1, 32, """
            experiment: tiny
            model: {architecture: resnet20, weights: quickstart/backbone.safetensors}
            data:
              inDomain: quickstart/lesions
              outOfDomain: {other-camera: quickstart/other-camera.safetensors}
              imageSize: 16
            selection: {metric: macro-f1, bootstrapResamples: 100, reestimateBatchNorm: true}
            training:
              batchSize: 32
              linearProbe: {epochs: 1, learningRate: 1e-3}
              fineTune: {epochs: 1, learningRates: [1e-3, 1e-4], augmentation: heavy, seed: 1}
              fission: {epochs: 1, cycle: 4, maxLearningRate: 1e-4, minLearningRate: 1e-7}
              gridSearch: {augmentations: [minimal], seeds: [1]}
            strategies: [best, uniform, greedy, GoU, GoG, gridSearch/greedy]
            """);

    private TinyExperiment() {}

    /** Makes what the experiment needs in the folder and returns the request. */
    static Path prepare(Path folder) throws Exception {
        return new Quickstart(folder, PLAN, silent()).prepare();
    }

    static int run(Path folder, Path request) throws Exception {
        return new LocalRun(folder, 2, silent(), Optional.empty())
                .run(RequestYaml.read(request), request.toAbsolutePath().getParent());
    }

    static RunPrinter silent() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        return new RunPrinter(nowhere, System.err, Optional.empty(), false);
    }
}
