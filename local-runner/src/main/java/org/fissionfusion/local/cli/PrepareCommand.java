package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.LeakagePolicy;
import org.fissionfusion.vision.images.Preparation;
import org.fissionfusion.vision.images.PreparationOptions;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.SquareFit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prepare}. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = {
            "Turns images into prepared data sets, one file per split, decoded once.",
            "SOURCE is a MedMNIST-style .npz, a folder of class folders (with or without split folders),",
            "an ISIC 2018 task 3 folder, or with --table a folder of images that a CSV file describes."
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

    @Option(names = "--table", paramLabel = "CSV", description = "a table with a header; SOURCE is the image folder")
    private Path table;

    @Option(names = "--image-column", defaultValue = "image", description = "default: ${DEFAULT-VALUE}")
    private String imageColumn;

    @Option(names = "--label-column", defaultValue = "label", description = "default: ${DEFAULT-VALUE}")
    private String labelColumn;

    @Option(names = "--split-column", paramLabel = "NAME", description = "train, validation or test of each image")
    private String splitColumn;

    @Option(names = "--group-column", paramLabel = "NAME", description = "patient or lesion of each image")
    private String groupColumn;

    @Option(
            names = "--out-of-domain",
            paramLabel = "PREPARED",
            description = "make one OOD file for the classes of PREPARED")
    private Path outOfDomain;

    @Option(
            names = "--image-size",
            defaultValue = "256",
            description = "side of the squares, default: ${DEFAULT-VALUE}; .npz images keep theirs")
    private int imageSize;

    @Option(
            names = "--fit",
            defaultValue = "SQUASH",
            description = "${COMPLETION-CANDIDATES}, default: ${DEFAULT-VALUE}")
    private SquareFit fit;

    @Option(
            names = "--leakage",
            defaultValue = "ERROR",
            description = "${COMPLETION-CANDIDATES}, default: ${DEFAULT-VALUE}")
    private LeakagePolicy leakage;

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "of the 80/10/10 split where there is none, default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "NAME",
            description = "class names of an .npz, in label order")
    private List<String> classes = List.of();

    @Option(names = "--licence", defaultValue = "unknown", description = "of the images, kept in the files")
    private String licence;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(out);
        ImageSource images = table == null
                ? ImageSource.detect(source, classes, seed)
                : new ImageSource.Table(
                        table,
                        source,
                        new ImageSource.Columns(
                                imageColumn,
                                labelColumn,
                                Optional.ofNullable(splitColumn),
                                Optional.ofNullable(groupColumn)),
                        seed);
        PreparationOptions options = new PreparationOptions(imageSize, fit, leakage, 0.01, licence);
        Preparation.Prepared prepared;
        if (outOfDomain == null) {
            prepared = Preparation.inDomain(images, out, options);
        } else {
            List<String> names;
            try (PreparedSet trained = PreparedSet.open(outOfDomain)) {
                names = trained.classNames();
            }
            prepared = Preparation.outOfDomain(images, names, out.resolve("test.safetensors"), options);
        }
        PrintWriter print = spec.commandLine().getOut();
        for (Path file : prepared.files().values()) {
            try (PreparedSet set = PreparedSet.open(file)) {
                print.printf("%s: %d images of %s, classes %s%n", file, set.size(), set.shape(), set.classNames());
            }
        }
        print.println(prepared.leakage());
        prepared.corrupt().forEach(corrupt -> print.println("left out: " + corrupt));
        print.flush();
        return FissionFusion.DONE;
    }
}
