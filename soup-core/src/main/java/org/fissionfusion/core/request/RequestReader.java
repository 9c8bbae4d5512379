package org.fissionfusion.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.request.Selection.SealedScoring;

/** Reads a request file strictly; what is left out gets method.md's value. docs/request.md lists every key. */
public final class RequestReader {
    private static final List<Double> PAPER_RATES = List.of(1e-3, 5e-4, 1e-4, 5e-5, 1e-5, 5e-6, 1e-6, 1e-7);

    private RequestReader() {}

    /**
     * Reads the tree of a request file.
     *
     * @throws RequestException naming the key, the value and what is allowed
     */
    public static RequestDraft read(JsonNode tree) {
        Section request = new Section("", tree);
        String preset = request.choice("preset", List.of("default", "paper"), name -> name, "default");
        boolean paper = preset.equals("paper");
        String id = request.text("experiment", "a name matching [a-z0-9][a-z0-9-]{0,62}");
        RequestRules.require(id.matches(RequestRules.ID), "experiment", id, "allowed: " + RequestRules.ID);
        Section model = request.requiredSection("model");
        String architecture = Architectures.requireWritten(
                model.key("architecture"), model.text("architecture", Architectures.allowed()));
        Optional<String> script = script(model, architecture);
        String weights = model.text("weights", "the path of a safetensors file");
        model.close();
        Section data = request.requiredSection("data");
        String inDomain = data.text("inDomain", "the path of a prepared set or .npz file");
        Map<String, OutOfDomain> outOfDomain = outOfDomain(data);
        Optional<StoppingPart> stopping = stopping(data);
        Optional<FindingPolicy> findings = FindingPolicyReader.read(data);
        int imageSize = data.whole("imageSize", 224, DataRules.LEAST_SIZE, DataRules.MOST_SIZE);
        Optional<List<Double>> mean = channels(data, "mean", 0);
        Optional<List<Double>> std = channels(data, "std", Double.MIN_VALUE);
        data.close();
        Selection selection = selection(request.section("selection"), paper);
        RequestRules.batchNorm(selection, architecture);
        Training training = training(request.section("training"), paper);
        Leakage leakage = request.choice("leakage", List.of(Leakage.values()), Leakage::wireName, Leakage.ERROR);
        List<Strategy> strategies = StrategyReader.read(request, paper);
        RequestRules.check(selection, training, strategies);
        script.ifPresent(_ -> RequestRules.scripted(training));
        Section budget = request.section("budget");
        OptionalDouble maxGpuSeconds = budget.has("maxGpuSeconds")
                ? OptionalDouble.of(budget.positive("maxGpuSeconds", 0))
                : OptionalDouble.empty();
        budget.close();
        List<Long> repeats = repeats(request, id, training);
        request.close();
        return new RequestDraft(
                id,
                architecture,
                script,
                weights,
                inDomain,
                outOfDomain,
                stopping,
                findings,
                imageSize,
                mean,
                std,
                selection,
                training,
                leakage,
                strategies,
                maxGpuSeconds,
                repeats);
    }

    private static Optional<String> script(Section model, String architecture) {
        boolean scripted = architecture.equals(ScriptedArchitecture.WRITTEN);
        if (!scripted && model.has("script")) {
            throw new RequestException(
                    model.key("script"), model.text("script", ""), "allowed with architecture: script");
        }
        return scripted
                ? Optional.of(model.text("script", "the path of a file that torch.jit.script(net).save wrote"))
                : Optional.empty();
    }

    private static List<Long> repeats(Section request, String id, Training training) {
        List<Long> seeds = request.seeds("repeats", List.of());
        String key = request.key("repeats");
        if (seeds.isEmpty()) {
            return seeds;
        }
        RequestRules.require(
                seeds.size() >= 2 && seeds.size() <= 100,
                key,
                seeds,
                "allowed: 2 to 100 seeds, for one run has no standard deviation");
        for (long seed : seeds) {
            RequestRules.require(
                    seed < Training.REPEATABLE_SEEDS, key, seed, "allowed: below " + Training.REPEATABLE_SEEDS);
            String repeat = id + "-repeat-" + seed;
            RequestRules.require(
                    repeat.matches(RequestRules.ID),
                    "experiment",
                    id,
                    "allowed: a name so short that " + repeat + " has at most 63 characters");
        }
        training.gridSearch()
                .ifPresent(grid -> grid.seeds()
                        .forEach(seed -> RequestRules.require(
                                seed < Training.REPEATABLE_SEEDS,
                                "training.gridSearch.seeds",
                                seed,
                                "allowed with repeats: below " + Training.REPEATABLE_SEEDS)));
        return seeds;
    }

    private static Optional<StoppingPart> stopping(Section data) {
        if (!data.has("stopping")) {
            return Optional.empty();
        }
        Section section = data.section("stopping");
        StoppingPart part = new StoppingPart(
                section.number("share", 0.5, 0, 1, "allowed: a number above 0 and below 1"),
                section.wholeLong("seed", 0, 0, Long.MAX_VALUE));
        section.close();
        DataRules.stopping(part);
        return Optional.of(part);
    }

    private static Map<String, OutOfDomain> outOfDomain(Section data) {
        Map<String, OutOfDomain> sets = new LinkedHashMap<>();
        if (!data.has("outOfDomain")) {
            return sets;
        }
        Section section = data.section("outOfDomain");
        for (String name : data.names("outOfDomain")) {
            if (!name.matches(RequestRules.ID) || DataRules.RESERVED.contains(name)) {
                throw new RequestException(
                        section.key(name),
                        name,
                        "allowed as a name: " + RequestRules.ID + ", none of " + DataRules.RESERVED);
            }
            sets.put(
                    name,
                    section.isSection(name)
                            ? outOfDomainSet(section.section(name))
                            : OutOfDomain.whole(section.text(name, "the path of a prepared set or .npz file")));
        }
        section.close();
        return sets;
    }

    private static OutOfDomain outOfDomainSet(Section set) {
        String path = set.text("path", "the path of a prepared set or .npz file");
        Map<String, String> labels = new LinkedHashMap<>();
        if (set.has("labels")) {
            Section map = set.section("labels");
            for (String source : set.names("labels")) {
                labels.put(source, map.text(source, "a class of the domain trained on, or ignore"));
            }
            RequestRules.require(!labels.isEmpty(), set.key("labels"), "{}", "allowed: class: class or class: ignore");
        }
        double sample = set.number("sample", 1, Double.MIN_VALUE, 1, "allowed: a share above 0, at most 1");
        long seed = set.wholeLong("sampleSeed", 0, 0, Long.MAX_VALUE);
        set.close();
        return new OutOfDomain(path, labels, sample, seed);
    }

    private static Optional<List<Double>> channels(Section data, String name, double min) {
        return data.list(name).map(elements -> {
            List<Double> values = new ArrayList<>();
            for (JsonNode element : elements) {
                double value = element.isNumber() ? element.doubleValue() : Double.NaN;
                if (!(value >= min && value <= 1)) {
                    throw new RequestException(
                            data.key(name), element, "allowed: three numbers of pixels scaled to 0..1");
                }
                values.add(value);
            }
            if (values.size() != 3) {
                throw new RequestException(data.key(name), elements, "allowed: three numbers, one per channel");
            }
            return values;
        });
    }

    private static Selection selection(Section section, boolean paper) {
        Metric metric = section.choice("metric", RequestRules.SELECTABLE, Metric::wireName, Metric.ACCURACY);
        String ranking = section.choice("ranking", List.of("loss", "paper"), name -> name, paper ? "paper" : "loss");
        SealedScoring scoring = section.choice(
                "sealedCheckpointScores", List.of(SealedScoring.values()), SealedScoring::wireName, SealedScoring.ALL);
        int resamples =
                section.whole("bootstrapResamples", 2000, RequestRules.LEAST_RESAMPLES, RequestRules.MOST_RESAMPLES);
        long seed = section.wholeLong("bootstrapSeed", 0, 0, Long.MAX_VALUE);
        Selection.Acceptance acceptance = acceptance(section);
        boolean reestimate = section.flag("reestimateBatchNorm", false);
        section.close();
        return new Selection(metric, acceptance, ranking.equals("paper"), scoring, resamples, seed, reestimate);
    }

    private static Selection.Acceptance acceptance(Section section) {
        String rule =
                section.choice("acceptance", List.of("strict", "margin", "paired-bootstrap"), name -> name, "strict");
        double margin = section.number("margin", 0, 0, 1, "allowed: a number from 0 to 1");
        if (section.has("margin") && !rule.equals("margin")) {
            throw new RequestException(section.key("margin"), margin, "allowed with acceptance: margin");
        }
        double level = section.number("level", 0.05, 0, 0.5, "allowed: a number above 0, at most 0.5");
        if (section.has("level") && !rule.equals("paired-bootstrap")) {
            throw new RequestException(section.key("level"), level, "allowed with acceptance: paired-bootstrap");
        }
        return switch (rule) {
            case "margin" -> new Selection.Margin(margin);
            case "paired-bootstrap" -> new Selection.PairedBootstrap(level);
            default -> new Selection.Strict();
        };
    }

    private static Training training(Section section, boolean paper) {
        int batchSize = section.whole("batchSize", 128, RequestRules.LEAST_BATCH, RequestRules.MOST_BATCH);
        Refinements refinements = RefinementsReader.read(section);
        Section optimizer = section.section("optimizer");
        Optimizer adamW = new Optimizer(
                optimizer.number("weightDecay", 0.01, 0, 1, "allowed: a number from 0 to 1"),
                optimizer.number("beta1", 0.9, 0, RequestRules.MOST_BETA, "allowed: a number from 0 to below 1"),
                optimizer.number("beta2", 0.999, 0, RequestRules.MOST_BETA, "allowed: a number from 0 to below 1"),
                optimizer.positive("epsilon", 1e-8),
                optimizer.flag("spareNormsAndBiases", false));
        optimizer.close();
        Section probe = section.section("linearProbe");
        LinearProbe linearProbe = new LinearProbe(
                probe.whole("epochs", 10, 1, RequestRules.MOST_EPOCHS),
                probe.positive("learningRate", 1e-3),
                augmentation(probe, Augmentation.MINIMAL),
                probe.choice("batchNorm", List.of("batch", "frozen"), name -> name, "batch")
                        .equals("frozen"));
        probe.close();
        FineTune fineTune = fineTune(section.section("fineTune"), paper);
        Fission fission = fission(section.section("fission"));
        Optional<GridSearch> gridSearch = section.has("gridSearch") || paper
                ? Optional.of(gridSearch(section.section("gridSearch")))
                : Optional.empty();
        section.close();
        return new Training(batchSize, adamW, linearProbe, fineTune, fission, gridSearch, refinements);
    }

    private static Augmentation augmentation(Section section, Augmentation otherwise) {
        return section.choice("augmentation", List.of(Augmentation.values()), Augmentation::wireName, otherwise);
    }

    private static FineTune fineTune(Section section, boolean paper) {
        Optional<EarlyStopping> earlyStop = paper ? Optional.of(new EarlyStopping(8, 0.001)) : Optional.empty();
        if (section.has("earlyStop")) {
            Section stop = section.section("earlyStop");
            earlyStop = Optional.of(new EarlyStopping(
                    stop.whole("patience", 8, 1, RequestRules.MOST_EPOCHS),
                    stop.number("minDelta", 0.001, 0, 1000, "allowed: a number from 0")));
            stop.close();
        }
        FineTune fineTune = new FineTune(
                section.whole("epochs", 50, 1, RequestRules.MOST_EPOCHS),
                section.rates("learningRates", PAPER_RATES),
                augmentation(section, Augmentation.HEAVY),
                section.wholeLong("seed", 1, 0, Long.MAX_VALUE),
                earlyStop);
        section.close();
        return fineTune;
    }

    private static Fission fission(Section section) {
        int cycle = section.whole("cycle", 4, 2, RequestRules.MOST_EPOCHS);
        boolean relative = section.flag("relative", false);
        double max = section.positive("maxLearningRate", relative ? 0.1 : 1e-5);
        double min = section.positive("minLearningRate", relative ? 1e-4 : 1e-8);
        int epochs = section.whole("epochs", 17, 0, RequestRules.MOST_EPOCHS);
        Fission fission = new Fission(epochs, cycle, max, min, relative);
        section.close();
        return fission;
    }

    private static GridSearch gridSearch(Section section) {
        GridSearch gridSearch = new GridSearch(
                section.choices(
                        "augmentations",
                        List.of(Augmentation.values()),
                        Augmentation::wireName,
                        List.of(Augmentation.MINIMAL, Augmentation.MEDIUM, Augmentation.HEAVY)),
                section.seeds("seeds", List.of(0L, 1L)));
        section.close();
        return gridSearch;
    }
}
