package org.fissionfusion.local.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.fissionfusion.local.Main;
import org.fissionfusion.local.results.ResultsFile;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.InitialWeights;
import org.fissionfusion.vision.synthetic.SyntheticLesions;

/**
 * {@code run} in a process of its own on synthetic images: its wall time against the seconds of training and scoring,
 * and its largest resident size.
 *
 * @param images of the training set
 */
record WholeRun(int images, int trainers) {
    private static final String REQUEST = """
            experiment: bench
            model: {architecture: resnet20, weights: weights.safetensors}
            data:
              inDomain: images/target
              outOfDomain: {other-camera: images/other-device/test.safetensors}
              imageSize: 32
            selection: {metric: macro-f1}
            training:
              batchSize: 128
              linearProbe: {epochs: 2, learningRate: 1e-3}
              fineTune: {epochs: 4, learningRates: [1e-3, 5e-4, 1e-4], augmentation: heavy, seed: 1}
              fission: {epochs: 5, cycle: 4, maxLearningRate: 1e-5, minLearningRate: 1e-8}
            strategies: [best, uniform, greedy, GoU, GoG]
            """;

    List<Figure> measure(Path folder) throws IOException, PreparationException, InterruptedException {
        prepare(folder);
        Path out = folder.resolve("out");
        List<String> command = new ArrayList<>(TimedProcess.javaCommand(Main.class));
        command.addAll(List.of(
                "run",
                folder.resolve("request.yaml").toString(),
                "--out",
                out.toString(),
                "--trainers",
                "" + trainers));
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        long peak = 0;
        try {
            while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, ResidentSize.peakKilobytes(process.pid()));
            }
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            throw new IOException("the run failed: " + Files.readString(said));
        }
        JsonNode seconds = ResultsFile.read(out.resolve("results.json")).at("/cost/seconds");
        return figures(seconds, peak);
    }

    private List<Figure> figures(JsonNode seconds, long peakKilobytes) {
        double training = seconds.path("linear-probe").asDouble()
                + seconds.path("fine-tune").asDouble()
                + seconds.path("fission").asDouble();
        double work = (training + seconds.path("evaluation").asDouble()) / trainers;
        double wall = seconds.path("wall").asDouble();
        String name =
                "whole run, %,d training images, %d trainer%s".formatted(images, trainers, trainers == 1 ? "" : "s");
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(name, wall, "s"));
        figures.add(Figure.of("  training and scoring, per trainer", work, "s"));
        figures.add(Figure.of("  more than that", 100 * (wall / work - 1), "%").atMost(10));
        figures.add(Figure.of(
                "  until the request is submitted", seconds.path("start").asDouble(), "s"));
        figures.add(Figure.of("  after the last event", seconds.path("stop").asDouble(), "s"));
        ResidentSize.figure("  largest resident size", peakKilobytes).forEach(size -> figures.add(size.atMost(3)));
        return figures;
    }

    private void prepare(Path folder) throws IOException, PreparationException {
        int fifth = Math.max(100, images / 5);
        SyntheticLesions.write(
                folder.resolve("images"), 1, new SyntheticLesions.Sizes(1, 1, images, fifth, fifth, fifth));
        InitialWeights.of(Architecture.named("resnet20"), 10, 1)
                .write(folder.resolve("weights.safetensors"), Map.of("format", "pt"));
        Files.writeString(folder.resolve("request.yaml"), REQUEST);
    }
}
