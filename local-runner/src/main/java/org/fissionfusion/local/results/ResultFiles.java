package org.fissionfusion.local.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.ResultsJson;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;

/**
 * Writes what an experiment leaves into a folder: readable copies of the weights below checkpoints/ and soups/,
 * report.html, and results.json last, which therefore tells that all is there.
 */
public final class ResultFiles {
    private final ExperimentView view;
    private final ObjectStore store;
    private final Path folder;

    /** @param store where the experiment's files are */
    public ResultFiles(ExperimentView view, ObjectStore store, Path folder) {
        this.view = view;
        this.store = store;
        this.folder = folder;
    }

    /**
     * Writes everything and returns the content of results.json. Files that are there already and whole are left as they are.
     *
     * @param seconds put beside those of the stages in the cost ledger; {@code wall}: from start to end
     * @throws org.fissionfusion.runtime.StoreException when a file is missing or not what the experiment recorded
     */
    public ObjectNode write(Map<String, Double> seconds) throws IOException {
        for (CheckpointRow checkpoint : view.checkpoints()) {
            if (checkpoint.status() != CheckpointRow.Status.LOST) {
                publish(checkpoint.saved().orElseThrow().file(), checkpoint.id());
            }
        }
        for (SoupView soup : view.soups()) {
            if (soup.row().file().isPresent()) {
                publish(soup.row().file().get(), soup.row().id());
            }
        }
        ObjectNode results = ResultsJson.of(view, this::name, versions(), documents(), seconds);
        ReportPage.write(folder.resolve("report.html"), results);
        ResultsFile.write(folder.resolve("results.json"), results);
        return results;
    }

    private Map<String, JsonNode> documents() throws IOException {
        Map<String, JsonNode> documents = new HashMap<>();
        List<StoredFile> files = Stream.concat(
                        view.comparison().stream(),
                        view.soups().stream().flatMap(soup -> soup.row().document().stream()))
                .toList();
        for (StoredFile file : files) {
            documents.put(file.key(), new ObjectMapper().readTree(stored(file).toFile()));
        }
        return documents;
    }

    /** Where the copy of a checkpoint or soup lies: its id without the experiment and without slashes. */
    private String name(String id) {
        String soups = view.id() + "/soup/";
        boolean soup = id.startsWith(soups);
        String local = id.substring(soup ? soups.length() : view.id().length() + 1);
        return (soup ? "soups/" : "checkpoints/") + local.replaceAll("[^A-Za-z0-9=._+-]", "_") + ".safetensors";
    }

    private static Map<String, String> versions() {
        return Map.of("fissionfusion", "0.1.0", "java", System.getProperty("java.version"));
    }

    private Path stored(StoredFile file) throws IOException {
        return store.verified(new StoredObject(file.key(), file.sha256(), file.bytes()));
    }

    /** A hard link where the disk can, else a copy. */
    private void publish(StoredFile file, String id) throws IOException {
        Path source = stored(file);
        Path target = folder.resolve(name(id));
        Files.createDirectories(target.getParent());
        if (Files.exists(target)) {
            if (Files.isSameFile(source, target) || FileDigest.sha256(target).equals(file.sha256())) {
                return;
            }
            Files.delete(target);
        }
        try {
            Files.createLink(target, source);
        } catch (UnsupportedOperationException | IOException e) {
            Path part = target.resolveSibling(target.getFileName() + ".part");
            Files.copy(source, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
