package org.fissionfusion.evaluator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.fissionfusion.core.metric.BootstrapSpec;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.metric.Predictions;
import org.fissionfusion.core.metric.Scoring;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.ModelWeights;

/**
 * What files can be wrong about before anything trains: weights, labels, classes, leakage. What the request says of
 * itself was checked by the planner. Labels and pixels of sealed sets are looked at, never scored.
 */
final class PreflightCheck {
    private final ObjectStore store;

    PreflightCheck(ObjectStore store) {
        this.store = store;
    }

    /** A request that may run: the digest of its weights and what was found. */
    record Passed(String weightsDigest, ObjectNode document) {}

    /** @throws TaskRefused naming the key, the value and what is allowed */
    Passed check(ExperimentRequested request) throws IOException {
        Architecture architecture = architecture(request);
        ObjectNode document = Documents.object()
                .put("version", 1)
                .put("experiment", request.getExperimentId())
                .put("requestDigest", request.getRequestDigest());
        String digest = checkWeights(request, architecture);
        document.putObject("weights")
                .put("architecture", request.getModel().getArchitecture())
                .put("sha256", request.getModel().getWeights().getSha256())
                .put("weightsDigest", digest);
        Map<String, PreparedSet> sets = new LinkedHashMap<>();
        try {
            for (DataSplit split : request.getData().getSplits()) {
                PreparedSet set = PreparedSets.open(split, store);
                sets.put(split.getName(), set);
                checkSplit(request, split, set);
            }
            describe(request, sets, document);
            document.set("leakage", LeakageCheck.check(request.getLeakage(), sets));
        } finally {
            sets.values().forEach(PreparedSet::close);
        }
        return new Passed(digest, document);
    }

    private Architecture architecture(ExperimentRequested request) throws IOException {
        try {
            return Architecture.of(
                    request.getModel().getArchitecture(),
                    request.getData().getImageSize(),
                    request.getData().getClassNames().size(),
                    script -> Models.script(store, script));
        } catch (IllegalArgumentException e) {
            throw new TaskRefused("model.architecture: " + e.getMessage(), e);
        }
    }

    /** The head may be one for another number of classes: it is replaced. */
    private String checkWeights(ExperimentRequested request, Architecture architecture) throws IOException {
        try {
            var path = store.verified(StoredObject.from(request.getModel().getWeights()));
            int classes = request.getData().getClassNames().size();
            return ModelWeights.readWithHead(path, architecture, classes, 0).digest();
        } catch (WeightsException e) {
            throw new TaskRefused("model.weights: " + e.getMessage(), e);
        }
    }

    private static void checkSplit(ExperimentRequested request, DataSplit split, PreparedSet set) {
        String key = "data." + split.getName();
        List<String> wanted = request.getData().getClassNames();
        if (!set.classNames().equals(wanted)) {
            throw new TaskRefused(key + ": has the classes " + set.classNames() + "; allowed are " + wanted);
        }
        if (set.size() == 0) {
            throw new TaskRefused(key + ": has no images; allowed is one or more");
        }
        boolean findings = request.getData().getFindings() != null;
        if (findings != set.labels() instanceof Labels.Findings) {
            throw new TaskRefused(key + ": " + (findings ? "has one class per image" : "is multilabel")
                    + "; allowed is " + (findings ? "a multilabel set" : "a set of one class per image"));
        }
        for (int i = 0; !findings && i < set.size(); i++) {
            if (set.label(i) < 0 || set.label(i) >= wanted.size()) {
                throw new TaskRefused(key + ": image " + i + " has the label " + set.label(i) + "; allowed are 0 to "
                        + (wanted.size() - 1));
            }
            if (!split.getSharedClasses().isEmpty() && !split.getSharedClasses().contains(set.label(i))) {
                throw new TaskRefused(key + ": image " + i + " has the label " + set.label(i)
                        + "; allowed are its sharedClasses " + split.getSharedClasses());
            }
        }
        if (split.getName().equals("validation")) {
            checkSelectable(request, set);
        }
        if (set.channels() != 1 && set.channels() != 3) {
            throw new TaskRefused(key + ": has " + set.channels() + " channels; allowed are 1 and 3");
        }
    }

    /** A metric that compares classes is undefined where all images are of one. */
    private static void checkSelectable(ExperimentRequested request, PreparedSet set) {
        MetricName metric = request.getSelection().getMetric();
        if (set.labels() instanceof Labels.Findings findings) {
            checkSelectable(request, findings);
            return;
        }
        long present = Arrays.stream(set.images().classCounts())
                .filter(count -> count > 0)
                .count();
        boolean compares = metric == MetricName.AUROC || metric == MetricName.QUADRATIC_KAPPA;
        if (compares && present < 2) {
            String name = metric.name().toLowerCase(Locale.ROOT).replace('_', '-');
            throw new TaskRefused("selection.metric: " + name + " is undefined on data.validation, whose " + set.size()
                    + " images are all of one class; allowed are accuracy, macro-f1 and macro-recall");
        }
    }

    /** Whether the metric is defined shows on predictions that say nothing. */
    private static void checkSelectable(ExperimentRequested request, Labels.Findings findings) {
        Metric metric = SplitScores.metric(request.getSelection().getMetric());
        FindingsPolicy policy = Findings.policy(request.getData().getFindings()).orElseThrow();
        Predictions nothing = Predictions.ofFindings(
                findings.classNames(),
                new float[findings.values().length],
                policy.decided(findings),
                IntStream.range(0, findings.size()).toArray());
        if (!Scoring.score(nothing, new BootstrapSpec(0, 0)).metrics().containsKey(metric)) {
            throw new TaskRefused(
                    "selection.metric: " + metric.wireName() + " is undefined on data.validation, where no"
                            + " finding that it needs is both present and absent (competition-auroc: in five findings that"
                            + " the set must have; frequent-auroc: present in 5 images or more)");
        }
    }

    private static void describe(ExperimentRequested request, Map<String, PreparedSet> sets, ObjectNode document) {
        ArrayNode classNames = document.putArray("classNames");
        request.getData().getClassNames().forEach(classNames::add);
        ArrayNode splits = document.putArray("splits");
        for (DataSplit split : request.getData().getSplits()) {
            PreparedSet set = sets.get(split.getName());
            ObjectNode node = splits.addObject()
                    .put("name", split.getName())
                    .put("sealed", split.getSealed())
                    .put("sha256", split.getFile().getSha256())
                    .put("images", set.size())
                    .put("height", set.height())
                    .put("width", set.width())
                    .put("channels", set.channels())
                    .put("grouped", set.hasGroups());
            ArrayNode counts = node.putArray("classCounts");
            for (int count : set.images().classCounts()) {
                counts.add(count);
            }
            if (set.labels() instanceof Labels.Findings findings) {
                counts(node.putArray("absentCounts"), findings.counts(Labels.Findings.ABSENT));
                counts(node.putArray("uncertainCounts"), findings.counts(Labels.Findings.UNCERTAIN));
                counts(node.putArray("blankCounts"), findings.counts(Labels.Findings.BLANK));
            }
        }
    }

    private static void counts(ArrayNode node, int[] counts) {
        for (int count : counts) {
            node.add(count);
        }
    }
}
