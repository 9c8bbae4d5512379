package org.fissionfusion.local.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Scoring;
import org.fissionfusion.core.weights.RunningSum;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.LeakagePolicy;
import org.fissionfusion.vision.images.Preparation;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparationOptions;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.Split;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.scoring.EvaluationImages;
import org.fissionfusion.vision.scoring.ScoringModel;

/** Scores means of checkpoint files on a validation set. */
final class Taster implements AutoCloseable {
    private static final int BATCH = 128;
    private static final long KEPT = 512L << 20;

    private final Metric metric;
    private final PreparedSet set;
    private final EvaluationImages images;
    private final ScoringModel model;

    Taster(String architecture, Path data, int imageSize, Metric metric)
            throws IOException, PreparationException, RunRefused {
        if (!Architecture.names().contains(architecture)) {
            throw new RunRefused("--architecture " + architecture + " is none of " + Architecture.names());
        }
        this.metric = metric;
        this.set = open(data);
        this.images = new EvaluationImages(set, imageSize, Normalisation.IMAGENET, BATCH, KEPT);
        this.model = new ScoringModel(
                Architecture.named(architecture, imageSize), set.classNames().size(), 1);
    }

    private static PreparedSet open(Path data) throws IOException, PreparationException {
        if (!data.toString().endsWith(".npz")) {
            return PreparedSet.open(data);
        }
        Path folder = Files.createTempDirectory("fissionfusion-soup");
        try {
            Preparation.Prepared prepared = Preparation.inDomain(
                    new ImageSource.Npz(data, List.of()),
                    folder,
                    PreparationOptions.DEFAULT.withLeakage(LeakagePolicy.ALLOW));
            return PreparedSet.open(prepared.files().get(Split.VALIDATION));
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    /** The metric of the mean; worst of all when it is not a number. */
    double score(List<Path> files) throws IOException {
        try (RunningSum sum = new RunningSum()) {
            for (Path file : files) {
                try (SafetensorsFile open = SafetensorsFile.open(file)) {
                    sum.add(open);
                }
            }
            model.load(sum.mean());
        }
        var card = Scoring.score(model.predict(images), new BootstrapSpec(1, 0));
        double value = card.metrics().get(metric) == null
                ? Double.NaN
                : card.metrics().get(metric).value();
        if (!Double.isFinite(value)) {
            return Double.NEGATIVE_INFINITY;
        }
        return metric.higherIsBetter() ? value : -value;
    }

    @Override
    public void close() {
        model.close();
        images.close();
        set.close();
    }
}
