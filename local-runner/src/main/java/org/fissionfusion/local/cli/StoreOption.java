package org.fissionfusion.local.cli;

import java.nio.file.Path;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ObjectStore;
import picocli.CommandLine.Option;

/** Where the cluster's services keep weights, data and results. */
final class StoreOption {
    @Option(
            names = "--store",
            paramLabel = "DIR",
            defaultValue = "${env:FISSIONFUSION_STORE_ROOT}",
            description = "the store of the cluster's services, default: $FISSIONFUSION_STORE_ROOT")
    private Path root;

    ObjectStore open() throws RunRefused {
        if (root == null) {
            throw new RunRefused("--store is missing: say where the cluster's services keep their files");
        }
        return new FolderStore(root);
    }
}
