package org.fissionfusion.local.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.synthetic.SyntheticLesions;
import org.fissionfusion.vision.training.EpochLog;
import org.fissionfusion.vision.training.ImageInput;
import org.fissionfusion.vision.training.OptimizerSettings;
import org.fissionfusion.vision.training.SavedCheckpoint;
import org.fissionfusion.vision.training.StateFolder;
import org.fissionfusion.vision.training.TrainingListener;
import org.fissionfusion.vision.training.TrainingOutcome;
import org.fissionfusion.vision.training.TrainingPlan;
import org.fissionfusion.vision.training.TrainingRun;
import org.fissionfusion.vision.training.TrainingStage;
import org.fissionfusion.vision.training.TrainingStart;

/** Makes what the quickstart needs: images, a backbone pretrained on a related task, and a request that uses both. */
public final class Quickstart {
    private static final String SUFFIX = ".safetensors";

    private final Path folder;
    private final Plan plan;
    private final RunPrinter printer;

    /**
     * How big the quickstart is.
     *
     * @param request the text of the request, whose paths are relative to the output folder
     */
    public record Plan(SyntheticLesions.Sizes sizes, long seed, int pretrainingEpochs, int batchSize, String request) {
        /** Two to three minutes on two cores. */
        public static final Plan USUAL = new Plan(SyntheticLesions.Sizes.QUICKSTART, 7, 5, 64, """
            # Made by the quickstart; `fissionfusion run` takes it too.
            experiment: quickstart
            model:
              architecture: resnet20
              weights: quickstart/backbone.safetensors
            data:
              inDomain: quickstart/lesions
              outOfDomain: {other-camera: quickstart/other-camera.safetensors}
              imageSize: 32
            selection: {metric: macro-f1}
            training:
              batchSize: 64
              linearProbe: {epochs: 2, learningRate: 1e-3}
              fineTune: {epochs: 4, learningRates: [4e-3, 2e-3, 1e-3], augmentation: minimal, seed: 1}
              fission: {epochs: 5, cycle: 4, maxLearningRate: 1e-3, minLearningRate: 1e-6}
              gridSearch: {augmentations: [minimal, heavy], seeds: [1]}
            strategies: [best, uniform, greedy, GoU, GoG, gridSearch/best, gridSearch/uniform, gridSearch/greedy]
            """);

        /** Seconds of work, to try a cluster with. */
        public static final Plan SAMPLE = new Plan(new SyntheticLesions.Sizes(160, 80, 160, 80, 80, 80), 3, 1, 32, """
            # Made by `fissionfusion sample`: small, and of no meaning.
            experiment: sample
            model:
              architecture: resnet20
              weights: quickstart/backbone.safetensors
            data:
              inDomain: quickstart/lesions
              outOfDomain: {other-camera: quickstart/other-camera.safetensors}
              imageSize: 16
            selection: {metric: macro-f1, bootstrapResamples: 100}
            training:
              batchSize: 32
              linearProbe: {epochs: 1, learningRate: 1e-3}
              fineTune: {epochs: 1, learningRates: [1e-3, 1e-4], augmentation: heavy, seed: 1}
              fission: {epochs: 1, cycle: 4, maxLearningRate: 1e-4, minLearningRate: 1e-7}
            strategies: [best, uniform, greedy, GoU, GoG]
            """);
    }

    /** @param folder the output folder of the run */
    public Quickstart(Path folder, Plan plan, RunPrinter printer) {
        this.folder = folder;
        this.plan = plan;
        this.printer = printer;
    }

    /** Writes what is missing and returns the request file; the same plan makes the same bytes. */
    public Path prepare() throws IOException, PreparationException, RunRefused {
        Path request = folder.resolve("request.yaml");
        try (OutputFolder taken = OutputFolder.take(folder)) {
            if (Files.exists(request)) {
                return request;
            }
            Path work = taken.root().resolve("quickstart");
            Files.createDirectories(work.resolve("lesions"));
            printer.say("drawing two sets of synthetic lesions ...");
            SyntheticLesions.Files files = SyntheticLesions.write(work.resolve("drawn"), plan.seed(), plan.sizes());
            Map<Path, String> names = Map.of(
                    files.train(), "lesions/train",
                    files.validation(), "lesions/validation",
                    files.test(), "lesions/test",
                    files.outOfDomain(), "other-camera");
            for (Map.Entry<Path, String> name : names.entrySet()) {
                Files.copy(name.getKey(), work.resolve(name.getValue() + SUFFIX), StandardCopyOption.REPLACE_EXISTING);
            }
            pretrain(files, work);
            ResultsFile.writeAtomically(request, plan.request());
        }
        return request;
    }

    private void pretrain(SyntheticLesions.Files files, Path work) throws IOException, PreparationException {
        printer.say("pretraining a ResNet-20 on the first set ...");
        Architecture architecture = Architecture.named("resnet20");
        try (PreparedSet train = PreparedSet.open(files.sourceTrain());
                PreparedSet validation = PreparedSet.open(files.sourceValidation())) {
            int classes = train.classNames().size();
            Path random = work.resolve("random.safetensors");
            InitialWeights.of(architecture, classes, plan.seed()).write(random, Map.of("format", "pt"));
            TrainingPlan training = new TrainingPlan(
                    architecture,
                    classes,
                    new TrainingStage.FineTune(new CosineSchedule(3e-3, plan.pretrainingEpochs()), Optional.empty()),
                    new ImageInput(32, Normalisation.IMAGENET, Augmentation.MINIMAL, plan.batchSize(), 1),
                    OptimizerSettings.PAPER,
                    plan.seed());
            TrainingOutcome outcome = new TrainingRun(
                            training, train, validation, StateFolder.at(work.resolve("pretraining")))
                    .run(TrainingStart.from(random), new Listener(work.resolve("backbone" + SUFFIX)), () -> false);
            switch (outcome) {
                case TrainingOutcome.Completed _ -> {}
                case TrainingOutcome.Diverged diverged ->
                    throw new IOException("pretraining failed: " + diverged.reason());
                case TrainingOutcome.Interrupted _ -> throw new IOException("pretraining was interrupted");
            }
        }
    }

    private final class Listener implements TrainingListener {
        private final Path target;

        private Listener(Path target) {
            this.target = target;
        }

        @Override
        public void onEpoch(EpochLog log, Path state) {
            printer.say(String.format(
                    Locale.ROOT,
                    "  epoch %d: loss %.4f, validation loss %.4f, accuracy %.3f",
                    log.epoch(),
                    log.trainLoss(),
                    log.validationLoss(),
                    log.validationAccuracy()));
        }

        @Override
        public void onCheckpoint(SavedCheckpoint checkpoint) throws IOException {
            Files.copy(checkpoint.weights(), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
