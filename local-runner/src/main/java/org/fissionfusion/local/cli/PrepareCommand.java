package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.Layout;
import org.fissionfusion.vision.images.LeakagePolicy;
import org.fissionfusion.vision.images.Preparation;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparationOptions;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.Resize;
import org.fissionfusion.vision.images.ResizeFilter;
import org.fissionfusion.vision.images.SquareFit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prepare}. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = {
            "Turns images into prepared data sets, one file per split, decoded once.",
            "SOURCE is a MedMNIST-style .npz, a folder as a publisher hands it out (--layout), a folder of class folders",
            "(with or without split folders), or with --table a folder of images that a CSV file describes.",
            "Stopped on the way, the same command goes on."
        })
final class PrepareCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SOURCE", description = "what to read")
    private Path source;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "where the files go")
    private Path out;

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            completionCandidates = LayoutNames.class,
            description = "${COMPLETION-CANDIDATES}, npz, class-folders; default: what SOURCE looks like")
    private String layout;

    @Option(
            names = "--split-table",
            paramLabel = "CSV",
            description = "columns image and split, followed instead of the layout's own splits")
    private Path splitTable;

    @Option(names = "--table", paramLabel = "CSV", description = "a table with a header; SOURCE is the image folder")
    private Path table;

    @Option(names = "--image-column", defaultValue = "image", description = "default: ${DEFAULT-VALUE}")
    private String imageColumn;

    @Option(
            names = "--label-column",
            split = ",",
            defaultValue = "label",
            paramLabel = "NAME",
            description = "the class; several: findings of 1, 0, -1 (uncertain) or nothing. Default: ${DEFAULT-VALUE}")
    private List<String> labelColumns;

    @Option(names = "--split-column", paramLabel = "NAME", description = "train, validation or test of each image")
    private String splitColumn;

    @Option(names = "--group-column", paramLabel = "NAME", description = "patient or lesion of each image")
    private String groupColumn;

    @Option(
            names = "--subgroup-column",
            split = ",",
            paramLabel = "NAME",
            description = "carried through, so that scores can be told by it")
    private List<String> subgroupColumns = List.of();

    @Option(
            names = "--out-of-domain",
            paramLabel = "PREPARED",
            description = "make one OOD file for the classes of PREPARED: the test split, or all where there is none")
    private Path outOfDomain;

    @Option(
            names = "--test-only",
            description = {
                "make one file of the test split, or of all where there is none, with SOURCE's own classes:",
                "a request's labels rename them; what is done with CIFAR-10.1 and both Messidors anyway"
            })
    private boolean testOnly;

    @Option(
            names = "--image-size",
            defaultValue = "256",
            description = "side of the squares, default: ${DEFAULT-VALUE}; CIFAR and .npz images keep theirs")
    private int imageSize;

    @Option(
            names = "--resize",
            defaultValue = "squash",
            converter = FitName.class,
            description = "squash, short-side (its central square), letterbox; default: ${DEFAULT-VALUE}")
    private SquareFit fit;

    @Option(
            names = "--filter",
            defaultValue = "BILINEAR",
            description = "${COMPLETION-CANDIDATES}, both antialiased; default: ${DEFAULT-VALUE}")
    private ResizeFilter filter;

    @Option(
            names = "--leakage",
            defaultValue = "ERROR",
            description = "${COMPLETION-CANDIDATES}, default: ${DEFAULT-VALUE}")
    private LeakagePolicy leakage;

    @Option(
            names = "--max-corrupt",
            defaultValue = "0.01",
            paramLabel = "SHARE",
            description = "more unreadable pictures than this share fail, default: ${DEFAULT-VALUE}")
    private double worstCorruptShare;

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "of the splits that SOURCE does not have, default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "NAME",
            description = "class names of an .npz, in label order")
    private List<String> classes = List.of();

    @Option(
            names = "--licence",
            defaultValue = "unknown",
            description = "of the images, kept in the files; default: the layout's")
    private String licence;

    @Spec
    private CommandSpec spec;

    /** The names of the official layouts, for the help. */
    static final class LayoutNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Layout.values()).map(Layout::wireName).iterator();
        }
    }

    /** Names as a request writes them. */
    static final class FitName implements ITypeConverter<SquareFit> {
        @Override
        public SquareFit convert(String value) {
            try {
                return SquareFit.named(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        PreparationOptions options = options();
        IgnoredOptions ignored = new IgnoredOptions(spec.commandLine());
        ignored.refuse();
        ImageSource images = images();
        boolean testing = outOfDomain != null || testOnly || publishedForTesting(images);
        ignored.refuse(images, testing);
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new RunRefused(out + ": is a file; -o takes a folder");
        }
        if (testing) {
            requireNoOtherSplits();
        }
        Files.createDirectories(out);
        PrintWriter print = spec.commandLine().getOut();
        PictureCount count =
                new PictureCount(spec.commandLine().getErr(), Terminal.rows().isPresent(), InstantSource.system());
        Preparation.Prepared prepared = prepare(images, testing, options, count);
        for (Path file : prepared.files().values()) {
            try (PreparedSet set = PreparedSet.open(file)) {
                print.printf("%s: %d images of %s, classes %s%n", file, set.size(), set.shape(), set.classNames());
            }
        }
        print.println(prepared.leakage());
        prepared.excluded().forEach(excluded -> print.println("not in the set: " + excluded));
        prepared.corrupt().forEach(corrupt -> print.println("left out: " + corrupt));
        if (!prepared.corrupt().isEmpty()) {
            print.println(prepared.corrupt().size() + " pictures could not be read");
        }
        print.flush();
        return FissionFusion.DONE;
    }

    private static boolean publishedForTesting(ImageSource images) {
        return images instanceof ImageSource.Official official
                && official.layout().testOnly()
                && official.splitTable().isEmpty();
    }

    /** A request would take the test set for that of the other splits. */
    private void requireNoOtherSplits() throws RunRefused {
        for (String split : List.of("train.safetensors", "validation.safetensors")) {
            if (Files.exists(out.resolve(split))) {
                throw new RunRefused(
                        "%s: is of another preparation, whose test split this set would become; -o takes a folder of its own"
                                .formatted(out.resolve(split)));
            }
        }
    }

    private Preparation.Prepared prepare(
            ImageSource images, boolean testing, PreparationOptions options, PictureCount count)
            throws PreparationException {
        Path file = out.resolve("test.safetensors");
        if (outOfDomain != null) {
            return Preparation.outOfDomain(images, classNames(outOfDomain), file, options, count);
        }
        return testing
                ? Preparation.testOnly(images, file, options, count)
                : Preparation.inDomain(images, out, options, count);
    }

    private PreparationOptions options() {
        try {
            return new PreparationOptions(imageSize, new Resize(fit, filter), leakage, worstCorruptShare, licence);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static List<String> classNames(Path prepared) throws PreparationException {
        try (PreparedSet set = PreparedSet.open(prepared)) {
            return set.classNames();
        }
    }

    private ImageSource images() throws PreparationException {
        Optional<Path> splits = Optional.ofNullable(splitTable);
        if (table != null) {
            return new ImageSource.Table(
                    table,
                    source,
                    new ImageSource.Columns(
                            imageColumn,
                            labelColumns,
                            Optional.ofNullable(splitColumn),
                            Optional.ofNullable(groupColumn),
                            subgroupColumns),
                    seed);
        }
        return switch (layout) {
            case null -> ImageSource.detect(source, classes, seed, splits);
            case "npz" -> new ImageSource.Npz(source, classes);
            case "class-folders" -> new ImageSource.ClassFolders(source, seed);
            default -> new ImageSource.Official(named(layout), source, seed, splits);
        };
    }

    private Layout named(String name) {
        try {
            return Layout.named(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage() + ", npz, class-folders", e);
        }
    }
}
