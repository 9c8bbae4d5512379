package org.fissionfusion.local.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.request.StoredFile;

/** Requests whose files exist in name only, for what never opens them. */
final class Requests {
    private Requests() {}

    /** @param settings put over the request, as {@code --set} does */
    static ExperimentRequest tiny(Map<String, String> settings) throws RunRefused {
        ObjectNode tree = RequestYaml.parse("tiny.yaml", """
                experiment: tiny
                model: {architecture: resnet20, weights: w}
                data: {inDomain: d, imageSize: 32}
                training: {linearProbe: {epochs: 2}}
                """);
        RequestYaml.override(tree, settings);
        return RequestReader.read(tree)
                .resolve(new ResolvedFiles(
                        file("weights"),
                        List.of(
                                new DataSplit("train", file("train"), false),
                                new DataSplit("validation", file("validation"), false)),
                        List.of("a", "b"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    static StoredFile file(String name) {
        return new StoredFile(name, "0".repeat(64), 1);
    }
}
