package org.fissionfusion.local.cli;

import java.util.List;
import org.fissionfusion.vision.images.ImageSource;
import org.fissionfusion.vision.images.PreparationException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Options that {@code prepare} would ignore: to give one is a mistake. */
record IgnoredOptions(CommandLine command) {
    private static final List<String> COLUMNS =
            List.of("--image-column", "--label-column", "--split-column", "--group-column", "--subgroup-column");

    /** Those that are told by the other options. */
    void refuse() {
        for (String column : COLUMNS) {
            require(given("--table") || !given(column), column + " needs --table");
        }
        require(
                !given("--table") || (!given("--layout") && !given("--split-table")),
                "--table goes with neither --layout nor --split-table");
        require(
                !given("--out-of-domain") || !given("--test-only"),
                "--out-of-domain and --test-only exclude each other");
    }

    /**
     * Those that are told by the source.
     *
     * @param testing only a test set is made
     */
    void refuse(ImageSource images, boolean testing) throws PreparationException {
        boolean npz = images instanceof ImageSource.Npz;
        require(
                !given("--split-table") || images instanceof ImageSource.Official,
                "--split-table needs an official layout");
        require(!given("--classes") || npz, "--classes names the classes of an .npz only");
        for (String resizing : List.of("--image-size", "--resize", "--filter")) {
            require(
                    !given(resizing) || images.resized(),
                    resizing + " does not go with CIFAR and .npz: images keep their size");
        }
        require(
                !given("--max-corrupt") || !npz,
                "--max-corrupt does not go with an .npz: it is read whole or not at all");
        for (String splitting : List.of("--leakage", "--seed")) {
            require(!given(splitting) || !testing, splitting + " is for several splits: a test set is one");
        }
        require(!given("--seed") || images.drawsSplits(), "--seed draws splits: SOURCE has its own");
    }

    private boolean given(String option) {
        return command.getParseResult().hasMatchedOption(option);
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(command, message);
        }
    }
}
