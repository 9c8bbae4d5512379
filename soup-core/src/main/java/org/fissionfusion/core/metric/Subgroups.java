package org.fissionfusion.core.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One metric of the parts into which a property (sex, age band, device) divides the images. */
public final class Subgroups {
    /** Fewer images than this say too little to be scored. */
    public static final int FEWEST = 30;

    private Subgroups() {}

    /**
     * One part.
     *
     * @param level the value of the property
     * @param images its size
     * @param score empty when there are too few images or the metric is undefined on them
     */
    public record Part(String level, int images, Optional<Interval> score) {
        public boolean tooFew() {
            return images < FEWEST;
        }
    }

    /**
     * Scores every part that has images, in the order of the levels.
     *
     * @param values one number of a level per image
     */
    public static List<Part> score(
            Predictions predictions, List<String> levels, int[] values, Metric metric, BootstrapSpec bootstrap) {
        if (values.length != predictions.images()) {
            throw new IllegalArgumentException(
                    "values: " + values.length + " values given where " + predictions.images() + " belong");
        }
        List<Part> parts = new ArrayList<>();
        for (int level = 0; level < levels.size(); level++) {
            int number = level;
            int[] images = IntStream.range(0, values.length)
                    .filter(i -> values[i] == number)
                    .toArray();
            if (images.length > 0) {
                Optional<Interval> score =
                        images.length < FEWEST ? Optional.empty() : score(part(predictions, images), metric, bootstrap);
                parts.add(new Part(levels.get(level), images.length, score));
            }
        }
        return parts;
    }

    private static Optional<Interval> score(Predictions part, Metric metric, BootstrapSpec bootstrap) {
        Measurement measurement = Measurement.of(part);
        double value = measurement.measure(metric, Scoring.once(part));
        if (!Double.isFinite(value)) {
            return Optional.empty();
        }
        Resampling resampling = new Resampling(part.groups(), bootstrap.seed());
        double[] resamples = new double[bootstrap.resamples()];
        for (int r = 0; r < resamples.length; r++) {
            resamples[r] = measurement.measure(metric, resampling.next());
        }
        return Optional.of(Percentiles.interval(value, resamples));
    }

    private static Predictions part(Predictions all, int[] images) {
        int classes = all.classes();
        double[] probabilities = new double[images.length * classes];
        for (int i = 0; i < images.length; i++) {
            System.arraycopy(all.probabilities(), images[i] * classes, probabilities, i * classes, classes);
        }
        int width = all.multilabel() ? classes : 1;
        int[] labels = new int[images.length * width];
        for (int i = 0; i < images.length; i++) {
            System.arraycopy(all.labels(), images[i] * width, labels, i * width, width);
        }
        return new Predictions(
                images.length,
                classes,
                probabilities,
                labels,
                Arrays.stream(images).map(i -> all.groups()[i]).toArray(),
                all.findings());
    }
}
