package org.fissionfusion.local.cli;

import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.ConfigException;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ObjectStores;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.StoreSettings;
import picocli.CommandLine.Option;

/** Where the cluster's services keep weights, data and results. */
final class StoreOption {
    private static final String PREFIX = "FISSIONFUSION_STORE_";

    @Option(
            names = "--store",
            paramLabel = "URI",
            defaultValue = "${env:FISSIONFUSION_STORE_URI}",
            description = {
                "the store of the cluster's services: file:///folder, s3://bucket/prefix or the path of a folder,",
                "default: $FISSIONFUSION_STORE_URI; $FISSIONFUSION_STORE_S3_ENDPOINT and the like as for services"
            })
    private String uri;

    /** The store; whoever opens it closes it. */
    ObjectStore open() throws RunRefused {
        if (uri == null || uri.isBlank()) {
            throw new RunRefused("--store is missing: say where the cluster's services keep their files");
        }
        Map<String, String> variables = new TreeMap<>(System.getenv());
        variables.keySet().removeIf(name -> !name.startsWith(PREFIX));
        try {
            Map<String, String> keys = ServiceConfig.fromEnvironment(variables);
            keys.put(StoreSettings.URI_KEY, uri);
            return ObjectStores.open(StoreSettings.from(keys));
        } catch (ConfigException e) {
            throw new RunRefused(e.getMessage());
        }
    }
}
