package org.fissionfusion.local.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.OutOfDomain;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.request.ScriptedArchitecture;
import org.fissionfusion.core.request.StoppingPart;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.weights.WeightsException;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.vision.images.Adaptation;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.LeakagePolicy;
import org.fissionfusion.vision.images.LeakageReport;
import org.fissionfusion.vision.images.Preparation;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparationListener;
import org.fissionfusion.vision.images.PreparationOptions;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.PreparedSetWriter;
import org.fissionfusion.vision.images.Split;
import org.fissionfusion.vision.images.ValidationDivision;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.ModelWeights;

/** Brings the files a request names into the store, prepared, checked and named by digest. */
public final class RequestedFiles {
    private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
    private static final String SUFFIX = ".safetensors";

    private final RequestDraft draft;
    private final Path base;
    private final ObjectStore store;
    private final Path scratch;
    private final Consumer<String> notes;

    /**
     * @param base what relative paths are relative to
     * @param scratch a folder for files on their way into the store
     * @param notes is told what a person should know: pictures left out, leakage that the request allows
     */
    public RequestedFiles(RequestDraft draft, Path base, ObjectStore store, Path scratch, Consumer<String> notes) {
        this.draft = draft;
        this.base = base;
        this.store = store;
        this.scratch = scratch;
        this.notes = notes;
    }

    /** @throws RequestException naming the key, when a file is missing or not what the request needs */
    public RequestDraft.ResolvedFiles store() throws IOException, PreparationException {
        Optional<Path> script = draft.script().map(written -> existing("model.script", written));
        if (script.isEmpty()) {
            architecture(script, 0); // refused before the images are prepared
        }
        Path weights = existing("model.weights", draft.weights());
        if (!Files.isRegularFile(weights)) {
            throw new RequestException("model.weights", draft.weights(), weights + " is no file");
        }
        Files.createDirectories(scratch);
        Map<Split, Path> inDomain = inDomain();
        List<String> classNames = classNames(inDomain.get(Split.TRAIN));
        checkWeights(weights, architecture(script, classNames.size()), classNames.size());
        List<DataSplit> splits = new ArrayList<>();
        Optional<Path> stopping = dividedValidation(inDomain);
        for (Map.Entry<Split, Path> split : inDomain.entrySet()) {
            boolean sealed = split.getKey() == Split.TEST;
            splits.add(split(split.getKey().wireName(), split.getValue(), sealed));
        }
        stopping.ifPresent(file -> splits.add(1, split("stopping", file, false)));
        for (Map.Entry<String, OutOfDomain> set : draft.outOfDomain().entrySet()) {
            String key = "data.outOfDomain." + set.getKey();
            splits.add(outOfDomain(key, set.getKey(), set.getValue(), classNames));
        }
        return new RequestDraft.ResolvedFiles(
                script.map(file -> put(ScriptedArchitecture.FOLDER, file, ScriptedArchitecture.SUFFIX))
                        .map(file -> new ScriptedArchitecture(file.sha256(), file.bytes())),
                put("weights", weights),
                splits,
                classNames,
                IMAGENET_MEAN,
                IMAGENET_STD,
                multilabel(inDomain.get(Split.TRAIN)));
    }

    private static boolean multilabel(Path file) throws PreparationException {
        try (PreparedSet set = PreparedSet.open(file)) {
            return set.labels() instanceof Labels.Findings;
        }
    }

    private Architecture architecture(Optional<Path> script, int classes) throws IOException {
        if (script.isPresent()) {
            try {
                return Architecture.scripted(script.get(), ScriptedArchitecture.WRITTEN, draft.imageSize(), classes);
            } catch (IllegalArgumentException e) {
                throw new RequestException("model.script", draft.script().orElseThrow(), e.getMessage());
            }
        }
        try {
            return Architecture.named(draft.architecture(), draft.imageSize());
        } catch (IllegalArgumentException e) {
            throw new RequestException("data.imageSize", draft.imageSize(), e.getMessage());
        }
    }

    private Path existing(String key, String written) {
        Path path;
        try {
            path = RequestYaml.resolve(base, written);
        } catch (IllegalArgumentException e) {
            throw new RequestException(key, written, "allowed: a path, or file:// and an absolute path");
        }
        if (!Files.exists(path)) {
            throw new RequestException(key, written, "there is no file " + path);
        }
        return path;
    }

    private void checkWeights(Path weights, Architecture architecture, int classes) throws IOException {
        try {
            ModelWeights.readWithHead(weights, architecture, classes, 0);
        } catch (WeightsException e) {
            throw new RequestException("model.weights", draft.weights(), e.getMessage());
        }
    }

    private Map<Split, Path> inDomain() throws IOException {
        Path source = existing("data.inDomain", draft.inDomain());
        try {
            return inDomain(source);
        } catch (PreparationException e) {
            throw new RequestException("data.inDomain", draft.inDomain(), e.getMessage());
        }
    }

    private Map<Split, Path> inDomain(Path source) throws IOException, PreparationException {
        LeakagePolicy policy = LeakagePolicy.named(draft.leakage().wireName());
        PreparationOptions options = options().withLeakage(policy);
        if (Files.isRegularFile(source.resolve("train" + SUFFIX))) {
            return prepared(source, policy);
        }
        Preparation.Prepared prepared =
                Preparation.inDomain(ImageSource.detect(source, List.of(), 0), scratch, options);
        tell("data.inDomain", prepared);
        return new EnumMap<>(prepared.files());
    }

    private void tell(String key, Preparation.Prepared prepared) {
        if (!prepared.leakage().clean()) {
            notes.accept(key + ": " + prepared.leakage());
        }
        prepared.excluded().forEach(excluded -> notes.accept(key + ": not in the set: " + excluded));
        prepared.corrupt().forEach(corrupt -> notes.accept(key + ": left out, it cannot be read: " + corrupt));
    }

    private PreparationOptions options() {
        PreparationOptions usual = PreparationOptions.DEFAULT;
        return new PreparationOptions(
                Math.max(draft.imageSize(), 32),
                usual.resize(),
                usual.leakage(),
                usual.worstCorruptShare(),
                usual.licence());
    }

    /** Splits that were prepared before, checked for leakage again: they may come from different runs of prepare. */
    private Map<Split, Path> prepared(Path folder, LeakagePolicy policy) throws IOException, PreparationException {
        Map<Split, Path> files = new EnumMap<>(Split.class);
        Map<Split, PreparedSet> sets = new EnumMap<>(Split.class);
        Map<Split, LabelledImages> images = new EnumMap<>(Split.class);
        try {
            for (Split split : Split.values()) {
                Path file = folder.resolve(split.wireName() + SUFFIX);
                if (Files.isRegularFile(file)) {
                    files.put(split, file);
                    sets.put(split, PreparedSet.open(file));
                    images.put(split, sets.get(split).images());
                } else if (split != Split.TEST) {
                    throw new RequestException("data.inDomain", draft.inDomain(), "there is no " + file);
                }
            }
            LeakageReport.Checked checked = LeakageReport.check(folder.toString(), images, policy);
            if (!checked.found().clean()) {
                notes.accept("data.inDomain: " + checked.found());
            }
            if (policy == LeakagePolicy.DROP && !checked.found().clean()) {
                for (Map.Entry<Split, LabelledImages> kept : checked.splits().entrySet()) {
                    Path file = scratch.resolve(kept.getKey().wireName() + SUFFIX);
                    PreparedSetWriter.write(
                            file,
                            kept.getValue(),
                            new PreparedSetWriter.Origin(folder.getFileName().toString(), "unknown"),
                            Map.of(
                                    "leakage",
                                    policy.wireName(),
                                    "leakageFound",
                                    checked.found().toString()));
                    files.put(kept.getKey(), file);
                }
            }
        } finally {
            sets.values().forEach(PreparedSet::close);
        }
        return files;
    }

    private static List<String> classNames(Path file) throws PreparationException {
        try (PreparedSet set = PreparedSet.open(file)) {
            return set.classNames();
        }
    }

    /** The file of the part that chooses epochs; the other part takes the place of validation. */
    private Optional<Path> dividedValidation(Map<Split, Path> inDomain) throws PreparationException {
        if (draft.stopping().isEmpty()) {
            return Optional.empty();
        }
        StoppingPart part = draft.stopping().get();
        Path stopping = scratch.resolve("stopping-part" + SUFFIX);
        Path selection = scratch.resolve("selection-part" + SUFFIX);
        try (PreparedSet whole = PreparedSet.open(inDomain.get(Split.VALIDATION))) {
            ValidationDivision.Parts parts = ValidationDivision.divide(whole.images(), part.share(), part.seed());
            PreparedSetWriter.Origin origin = new PreparedSetWriter.Origin(
                    whole.metadata().getOrDefault("source", "unknown"),
                    whole.metadata().getOrDefault("licence", "unknown"));
            String division = "stopping share " + part.share() + ", seed " + part.seed();
            PreparedSetWriter.write(
                    stopping, parts.stopping(), origin, Map.of("division", division, "part", "stopping"));
            PreparedSetWriter.write(
                    selection, parts.selection(), origin, Map.of("division", division, "part", "selection"));
        } catch (PreparationException e) {
            throw new RequestException("data.stopping.share", part.share(), e.getMessage());
        }
        inDomain.put(Split.VALIDATION, selection);
        return Optional.of(stopping);
    }

    private DataSplit outOfDomain(String key, String name, OutOfDomain set, List<String> classNames) {
        Path source = existing(key, set.path());
        try {
            return outOfDomain(key, name, source, set, classNames);
        } catch (PreparationException e) {
            throw new RequestException(key, set.path(), e.getMessage());
        }
    }

    private DataSplit outOfDomain(String key, String name, Path source, OutOfDomain set, List<String> classNames)
            throws PreparationException {
        Adaptation adaptation = new Adaptation(set.labels(), set.sample(), set.sampleSeed());
        boolean prepared = source.toString().endsWith(SUFFIX);
        Path file = prepared && adaptation.changesNothing() ? source : scratch.resolve("ood-" + name + SUFFIX);
        if (!prepared) {
            tell(
                    key,
                    Preparation.outOfDomain(
                            ImageSource.detect(source, List.of(), 0),
                            classNames,
                            adaptation,
                            file,
                            options(),
                            PreparationListener.NOBODY));
        } else if (!adaptation.changesNothing()) {
            Preparation.adapt(source, classNames, adaptation, file);
        }
        List<String> own = classNames(file);
        if (!own.equals(classNames)) {
            throw new RequestException(
                    key,
                    source,
                    "its classes " + own + " must be " + classNames + ", or labels must say which is which");
        }
        return new DataSplit(name, put("sealed", file), true, adaptation.sharedClasses(classNames));
    }

    private DataSplit split(String name, Path file, boolean sealed) {
        return new DataSplit(name, put(sealed ? "sealed" : "data", file), sealed);
    }

    private StoredFile put(String prefix, Path file) {
        return put(prefix, file, SUFFIX);
    }

    private StoredFile put(String prefix, Path file, String suffix) {
        StoredObject stored =
                store.put(prefix, suffix, target -> Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING));
        return new StoredFile(stored.key(), stored.sha256(), stored.bytes());
    }
}
