package org.fissionfusion.local.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Scorecard;
import org.fissionfusion.core.metric.Scoring;
import org.fissionfusion.core.weights.RunningSum;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.Labels;
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
    private static final long KEPT = 512L << 20;

    /** Higher is better, then the lower loss. */
    static final Comparator<Taste> BEST_FIRST =
            Comparator.comparingDouble(Taste::rank).reversed().thenComparingDouble(Taste::loss);

    private static final FindingsPolicy IGNORING =
            new FindingsPolicy(FindingsPolicy.Uncertain.IGNORE, FindingsPolicy.Blank.IGNORE);

    private final Metric metric;
    private final PreparedSet set;
    private final Optional<FindingsPolicy> policy;
    private final EvaluationImages images;
    private final ScoringModel model;

    /**
     * The score of a mean.
     *
     * @param value of the metric, not a number where it is undefined
     * @param rank the same, negated where a lower value is better
     * @param loss mean cross-entropy
     */
    record Taste(double value, double rank, double loss) {
        boolean defined() {
            return Double.isFinite(value);
        }

        boolean beats(Taste other) {
            return rank > other.rank;
        }
    }

    /**
     * What scores.
     *
     * @param findings counts where an image may show several
     */
    record Validation(Path images, int imageSize, Normalisation normalisation, FindingsPolicy findings) {}

    Taster(String architecture, Validation validation, Metric metric)
            throws IOException, PreparationException, RunRefused {
        if (!Architecture.names().contains(architecture)) {
            throw new RunRefused("--architecture " + architecture + " is none of " + Architecture.names());
        }
        this.metric = metric;
        this.set = open(validation.images());
        boolean several = set.labels() instanceof Labels.Findings;
        if (!several && !validation.findings().equals(IGNORING)) {
            set.close();
            throw new RunRefused("--uncertain and --blank are for sets of several findings; " + validation.images()
                    + " has one class per image");
        }
        this.policy = several ? Optional.of(validation.findings()) : Optional.empty();
        this.images = new EvaluationImages(
                set,
                validation.imageSize(),
                validation.normalisation(),
                ScoringModel.batch(validation.imageSize()),
                KEPT);
        this.model = new ScoringModel(
                Architecture.named(architecture, validation.imageSize()),
                set.classNames().size(),
                1);
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

    Taste taste(List<Path> files) throws IOException {
        try (RunningSum sum = new RunningSum()) {
            for (Path file : files) {
                try (SafetensorsFile open = SafetensorsFile.open(file)) {
                    sum.add(open);
                }
            }
            model.load(sum.mean());
        }
        var card = Scoring.score(model.predict(images, policy), new BootstrapSpec(1, 0));
        double value = value(card, metric);
        return new Taste(value, metric.higherIsBetter() ? value : -value, value(card, Metric.LOG_LOSS));
    }

    private static double value(Scorecard card, Metric metric) {
        return Optional.ofNullable(card.metrics().get(metric))
                .map(Interval::value)
                .orElse(Double.NaN);
    }

    @Override
    public void close() {
        model.close();
        images.close();
        set.close();
    }
}
