package org.fissionfusion.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.fissionfusion.events.AcceptanceRule;
import org.fissionfusion.events.Augmentation;
import org.fissionfusion.events.BatchNormMode;
import org.fissionfusion.events.BlankFindings;
import org.fissionfusion.events.DataSpec;
import org.fissionfusion.events.DataSplit;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.FindingsSpec;
import org.fissionfusion.events.FineTuneSpec;
import org.fissionfusion.events.FissionSpec;
import org.fissionfusion.events.LeakagePolicy;
import org.fissionfusion.events.LinearProbeSpec;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.ModelSpec;
import org.fissionfusion.events.OptimizerSpec;
import org.fissionfusion.events.Precision;
import org.fissionfusion.events.Preflight;
import org.fissionfusion.events.SealedScoring;
import org.fissionfusion.events.SelectionSpec;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TrainingSpec;
import org.fissionfusion.events.UncertainFindings;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightCheckTest {
    @TempDir
    private Path folder;

    private Kitchen kitchen;
    private List<DataSplit> splits;
    private String architecture = "resnet20";
    private FindingsSpec findings;
    private MetricName metric = MetricName.MACRO_F1;
    private LeakagePolicy leakage = LeakagePolicy.ERROR;

    @BeforeEach
    void open() {
        kitchen = new Kitchen(folder);
        splits = new ArrayList<>(List.of(
                kitchen.split("train", false, 1),
                kitchen.split("validation", false, 2),
                kitchen.split("test", true, 3),
                kitchen.split("nih", true, 3)));
    }

    @AfterEach
    void close() {
        kitchen.close();
    }

    @Test
    void documentsWhatItFoundInASoundRequest() throws Exception {
        EvaluationCompleted completed = kitchen.done(Kitchen.task("preflight", new Preflight(request())));

        JsonNode document = new ObjectMapper()
                .readTree(kitchen.store
                        .verified(StoredObject.from(completed.getDocument()))
                        .toFile());
        assertThat(document.at("/splits/0/name").asText()).isEqualTo("train");
        assertThat(document.at("/splits/0/classCounts/1").asInt()).isEqualTo(15);
        assertThat(document.at("/splits/2/sealed").asBoolean()).isTrue();
        assertThat(document.at("/leakage/overlaps")).isEmpty();
        assertThat(document.at("/weights/weightsDigest").asText()).isEqualTo(completed.getWeightsDigest());
    }

    @Test
    void refusesOtherClassNames() {
        splits.set(1, kitchen.split("validation", false, Kitchen.blobs(10, 4, List.of("dark", "light"))));

        refused("data.validation: has the classes [dark, light]; allowed are [dark, bright]");
    }

    @Test
    void refusesImagesOfAClassThatIsNotShared() {
        DataSplit ood = splits.get(3);
        ood.put("sharedClasses", List.of(0));

        refused("data.nih: image 1 has the label 1; allowed are its sharedClasses [0]");
    }

    @Test
    void refusesAMetricThatIsUndefinedOnTheValidationSet() throws Exception {
        BitSet dark = new BitSet();
        for (int i = 0; i < 10; i += 2) {
            dark.set(i);
        }
        splits.set(
                1,
                kitchen.split(
                        "validation",
                        false,
                        Kitchen.blobs(10, 4, Kitchen.CLASSES).select(dark)));
        kitchen.done(Kitchen.task("preflight", new Preflight(request()))); // macro-f1 is defined

        metric = MetricName.AUROC;
        refused("selection.metric: auroc is undefined on data.validation, whose 5 images are all of one class");
    }

    private DataSplit films(String name, long seed, int known) {
        LabelledImages plain = Kitchen.blobs(30, seed, Kitchen.CLASSES);
        byte[] values = new byte[60];
        Arrays.fill(values, (byte) known);
        values[0] = 1;
        return kitchen.split(
                name,
                name.equals("test"),
                new LabelledImages(
                        plain.shape(),
                        plain.pixels(),
                        new Labels.Findings(values, Kitchen.CLASSES),
                        plain.groups(),
                        List.of()));
    }

    @Test
    void refusesSetsOfAnotherKindThanTheRequest() {
        splits.set(1, films("validation", 4, 0));
        refused("data.validation: is multilabel; allowed is a set of one class per image");

        findings = new FindingsSpec(UncertainFindings.IGNORE, BlankFindings.IGNORE);
        refused("data.train: has one class per image; allowed is a multilabel set");
    }

    @Test
    void countsWhatIsKnownOfFindingsAndRefusesAMetricThatIsUndefinedOnThem() throws Exception {
        // Given one image of which a finding is present, and all others uncertain
        findings = new FindingsSpec(UncertainFindings.ZEROS, BlankFindings.IGNORE);
        metric = MetricName.AUROC;
        splits.clear();
        splits.add(films("train", 1, -1));
        splits.add(films("validation", 2, -1));

        // When
        EvaluationCompleted completed = kitchen.done(Kitchen.task("preflight", new Preflight(request())));

        // Then
        JsonNode document = new ObjectMapper()
                .readTree(kitchen.store
                        .verified(StoredObject.from(completed.getDocument()))
                        .toFile());
        assertThat(document.at("/splits/1/classCounts").toString()).isEqualTo("[1,0]");
        assertThat(document.at("/splits/1/uncertainCounts").toString()).isEqualTo("[29,30]");
        metric = MetricName.FREQUENT_AUROC;
        refused("selection.metric: frequent-auroc is undefined on data.validation");
        metric = MetricName.COMPETITION_AUROC;
        refused("selection.metric: competition-auroc is undefined on data.validation");
        metric = MetricName.AUROC;
        findings = new FindingsSpec(UncertainFindings.IGNORE, BlankFindings.IGNORE);
        refused("selection.metric: auroc is undefined on data.validation");
    }

    @Test
    void looksForLeakageIntoBothPartsOfValidation() {
        splits.add(kitchen.split("stopping", false, 1));

        refused("leakage: error, but train and validation share 30 equal pictures");
    }

    @Test
    void refusesWeightsOfAnotherShapeByTensor() {
        architecture = "resnet32";

        refused("model.weights:");
    }

    @Test
    void countsLeakageAndRefusesItUnlessAllowed() throws Exception {
        splits.set(1, kitchen.split("validation", false, 1));
        refused("leakage: error, but train and validation share 30 equal pictures");

        leakage = LeakagePolicy.ALLOW;
        EvaluationCompleted completed = kitchen.done(Kitchen.task("preflight", new Preflight(request())));
        JsonNode document = new ObjectMapper()
                .readTree(kitchen.store
                        .verified(StoredObject.from(completed.getDocument()))
                        .toFile());
        assertThat(document.at("/leakage/overlaps/0/equalPictures").asInt()).isEqualTo(30);
    }

    private void refused(String message) {
        assertThatThrownBy(() -> kitchen.done(Kitchen.task("preflight", new Preflight(request()))))
                .isInstanceOf(TaskRefused.class)
                .hasMessageContaining(message);
    }

    private ExperimentRequested request() throws Exception {
        StoredFile weights = kitchen.ingredient("pretrained", 9).getFile();
        return ExperimentRequested.newBuilder()
                .setExperimentId("exp-42")
                .setRequestDigest("d")
                .setModel(new ModelSpec(architecture, weights))
                .setData(new DataSpec(
                        splits, Kitchen.CLASSES, 8, List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25), null, findings))
                .setSelection(
                        new SelectionSpec(metric, AcceptanceRule.STRICT, 0.0, false, SealedScoring.ALL, 50, 1L, false))
                .setTraining(new TrainingSpec(
                        8,
                        new OptimizerSpec(0.01, 0.9, 0.999, 1e-8, false),
                        Precision.FP32,
                        new LinearProbeSpec(1, 1e-3, Augmentation.MINIMAL, BatchNormMode.BATCH),
                        new FineTuneSpec(1, List.of(1e-3), Augmentation.HEAVY, 1L, null),
                        new FissionSpec(1, 4, 1e-5, 1e-8, false),
                        null,
                        null))
                .setLeakage(leakage)
                .setStrategies(List.of())
                .build();
    }
}
