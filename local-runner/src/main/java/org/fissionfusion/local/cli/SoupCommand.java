package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.fissionfusion.core.metric.Metric;
import org.fissionfusion.core.request.Architectures;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.images.FindingsPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code soup}: blends files without any service. */
@Command(
        name = "soup",
        mixinStandardHelpOptions = true,
        description = {
            "Blends safetensors checkpoints of one architecture into one file.",
            "uniform: the mean of all. greedy: the best file first, then each next one stays only when the mean with it",
            "scores higher on the data set."
        })
final class SoupCommand implements Callable<Integer> {
    enum Method {
        UNIFORM,
        GREEDY
    }

    @Option(names = "--method", required = true, description = "uniform or greedy")
    private Method method;

    @Parameters(arity = "1..*", paramLabel = "FILES", description = "checkpoints")
    private List<Path> files;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "OUT",
            description = "the soup")
    private Path out;

    @Option(names = "--data", paramLabel = "FILE", description = "greedy: validation images, prepared or .npz")
    private Path images;

    @Option(
            names = "--architecture",
            completionCandidates = ArchitectureNames.class,
            description = "greedy: one of ${COMPLETION-CANDIDATES}")
    private String architecture;

    @Option(
            names = "--metric",
            defaultValue = "accuracy",
            description = "greedy: what decides, default: ${DEFAULT-VALUE}")
    private String metricName;

    @Option(names = "--image-size", defaultValue = "32", description = "greedy: default: ${DEFAULT-VALUE}")
    private int imageSize;

    @Mixin
    private Output output;

    @Option(
            names = "--mean",
            split = ",",
            paramLabel = "NUMBER",
            description = "greedy: of the three channels, as in training; default: ImageNet's")
    private List<Float> mean = Normalisation.IMAGENET.mean();

    @Option(names = "--std", split = ",", paramLabel = "NUMBER", description = "greedy: likewise")
    private List<Float> deviation = Normalisation.IMAGENET.deviation();

    @Option(
            names = "--uncertain",
            defaultValue = "IGNORE",
            description = "greedy, several findings: what uncertain ones count as, ${COMPLETION-CANDIDATES}; default: "
                    + "${DEFAULT-VALUE}")
    private FindingsPolicy.Uncertain uncertain;

    @Option(
            names = "--blank",
            defaultValue = "IGNORE",
            description = "likewise those that are not mentioned, ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}")
    private FindingsPolicy.Blank blank;

    /** For the help. */
    static final class ArchitectureNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Architectures.NAMES.iterator();
        }
    }

    /** What was tried, and the file's score or the soup's with it. */
    record Tasting(Path file, Double score, boolean accepted) {}

    @Override
    public Integer call() throws Exception {
        Set<Path> known = new HashSet<>();
        for (Path file : files) {
            requireUsable(file);
            if (!known.add(file.toRealPath())) {
                throw new RunRefused(file + ": is given twice; a soup is the unweighted mean of its files");
            }
        }
        if (Files.exists(out) && known.contains(out.toRealPath())) {
            throw new RunRefused("--out " + out + " is one of the files to blend; choose another name");
        }
        List<Tasting> tastings = switch (method) {
            case UNIFORM ->
                files.stream().map(file -> new Tasting(file, null, true)).toList();
            case GREEDY -> greedy();
        };
        List<Path> accepted =
                tastings.stream().filter(Tasting::accepted).map(Tasting::file).toList();
        Map<String, String> lineage = new TreeMap<>();
        lineage.put("format", "pt");
        lineage.put("method", method.name().toLowerCase(Locale.ROOT));
        List<String> digests = new ArrayList<>();
        for (Path file : accepted) {
            digests.add(FileDigest.sha256(file));
        }
        lineage.put("ingredients", String.join(",", digests));
        String digest = MeanOfWeights.blend(accepted, accepted.size(), out, lineage);
        report(tastings, digest);
        return FissionFusion.DONE;
    }

    private static void requireUsable(Path file) throws IOException, RunRefused {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            var broken = MeanOfWeights.firstNonFinite(open);
            if (broken.isPresent()) {
                throw new RunRefused(file + ": " + broken.get() + " is not finite; such weights enter no soup");
            }
        }
    }

    private List<Tasting> greedy() throws Exception {
        if (images == null || architecture == null) {
            throw new RunRefused("--method greedy needs --data and --architecture");
        }
        Metric metric = Metric.named(metricName)
                .orElseThrow(
                        () -> new RunRefused("--metric " + metricName + " is unknown; for example accuracy, macro-f1"));
        Taster.Validation validation =
                new Taster.Validation(images, imageSize, normalisation(), new FindingsPolicy(uncertain, blank));
        try (Taster taster = new Taster(architecture, validation, metric)) {
            Map<Path, Taster.Taste> alone = new LinkedHashMap<>();
            for (Path file : files) {
                alone.put(file, taster.taste(List.of(file)));
            }
            List<Path> ranked = alone.keySet().stream()
                    .filter(file -> alone.get(file).defined())
                    .sorted(Comparator.comparing((Path file) -> alone.get(file), Taster.BEST_FIRST)
                            .thenComparing(Path::toString))
                    .toList();
            if (ranked.isEmpty()) {
                throw new RunRefused(metricName + " is undefined on " + images + " for every file");
            }
            List<Tasting> tastings = new ArrayList<>();
            List<Path> soup = new ArrayList<>();
            Optional<Taster.Taste> best = Optional.empty();
            for (Path file : ranked) {
                soup.add(file);
                Taster.Taste taste = soup.size() == 1 ? alone.get(file) : taster.taste(soup);
                boolean better = best.isEmpty() || taste.beats(best.get());
                tastings.add(new Tasting(file, taste.defined() ? taste.value() : null, better));
                if (better) {
                    best = Optional.of(taste);
                } else {
                    soup.removeLast();
                }
            }
            files.stream()
                    .filter(file -> !ranked.contains(file))
                    .forEach(file -> tastings.add(new Tasting(file, null, false)));
            return tastings;
        }
    }

    private Normalisation normalisation() throws RunRefused {
        try {
            return new Normalisation(mean, deviation);
        } catch (IllegalArgumentException e) {
            throw new RunRefused("--mean, --std: " + e.getMessage());
        }
    }

    private void report(List<Tasting> tastings, String digest) throws IOException {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("file", out.toString()).put("weightsDigest", digest).put("sha256", FileDigest.sha256(out));
        ArrayNode ingredients = node.putArray("ingredients");
        tastings.forEach(tasting -> ingredients
                .addObject()
                .put("file", tasting.file().toString())
                .put("tasted", tasting.score())
                .put("accepted", tasting.accepted()));
        output.print(node, print -> {
            tastings.forEach(tasting -> print.printf(
                    Locale.ROOT,
                    "%s %s%s%n",
                    tasting.accepted() ? "+" : "-",
                    tasting.file(),
                    tasting.score() == null
                            ? ""
                            : String.format(Locale.ROOT, "  %s %.4f", metricName, tasting.score())));
            print.println(out + "  weightsDigest " + digest);
        });
    }
}
