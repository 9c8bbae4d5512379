package org.fissionfusion.trainer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.core.weights.FileDigest;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.RecordedResults;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.UnreadableObjectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store holds of one task while it is worked on, and of its end.
 *
 * <pre>
 * state/TASK/FINGERPRINT/attempt-K                  claims: the highest one may save and publish
 * state/TASK/FINGERPRINT/epoch-E-BYTES-SHA256.safetensors full training states, the last two
 * outcomes/training/TASK/FINGERPRINT/NAME.avro      results, recorded before they are published
 * </pre>
 *
 * The fingerprint covers all of the task but its attempt number: a task of another content never meets this one's
 * states, and a redelivered one finds its results and publishes the same bytes again.
 */
final class TaskShelf {
    private static final Logger LOG = LoggerFactory.getLogger(TaskShelf.class);
    private static final int KEPT_STATES = 2;
    private static final Pattern CLAIM = Pattern.compile("attempt-(\\d+)");
    private static final Pattern STATE = Pattern.compile("epoch-(\\d+)-(\\d+)-([0-9a-f]{64})\\.safetensors");

    private final ObjectStore store;
    private final RecordedResults results;
    private final String states;
    private final String outcomes;

    TaskShelf(ObjectStore store, Serde<TaskResult> format, TrainingTask task) {
        String folder = task.getTaskId() + "/" + fingerprint(task) + "/";
        this.store = store;
        this.results = new RecordedResults(store, format);
        this.states = "state/" + folder;
        this.outcomes = "outcomes/training/" + folder;
    }

    /** A saved state, by the epoch it ends. */
    record SavedState(int epoch, StoredObject object) {}

    static String fingerprint(TrainingTask task) {
        try {
            ByteBuffer bytes =
                    TrainingTask.newBuilder(task).setAttempt(0).build().toByteBuffer();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes);
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a decoded task can be encoded and hashed", e);
        }
    }

    /** Takes the task over from whoever had it. */
    int claim(String worker) {
        while (true) {
            int next = highestClaim().orElse(0) + 1;
            if (store.createIfAbsent(states + "attempt-" + next, worker.getBytes(StandardCharsets.UTF_8))) {
                return next;
            }
        }
    }

    /** False once another trainer has claimed the task, or finished it. */
    boolean holds(int claim) {
        return highestClaim().orElse(0) == claim;
    }

    private OptionalInt highestClaim() {
        return names(states).stream()
                .map(CLAIM::matcher)
                .filter(Matcher::matches)
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .max();
    }

    /** Saves the state at the end of an epoch and drops those before the last two. */
    void saveState(int epoch, Path file) throws IOException {
        String name = "epoch-%05d-%d-%s.safetensors".formatted(epoch, Files.size(file), FileDigest.sha256(file));
        store.putAs(states + name, target -> Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING));
        List<SavedState> newestFirst = savedStates();
        for (SavedState old : newestFirst.subList(Math.min(KEPT_STATES, newestFirst.size()), newestFirst.size())) {
            store.delete(old.object().key());
        }
    }

    /** The newest state whose bytes are those that were saved; damaged ones are passed over. */
    Optional<Path> newestState() {
        for (SavedState state : savedStates()) {
            try {
                return Optional.of(store.verified(state.object()));
            } catch (UnreadableObjectException damaged) {
                LOG.atWarn()
                        .addKeyValue("state", state.object().key())
                        .addKeyValue("reason", damaged.getMessage())
                        .log("a training state is damaged, the one before it is used");
            }
        }
        return Optional.empty();
    }

    List<SavedState> savedStates() {
        List<SavedState> found = new ArrayList<>();
        for (String name : names(states)) {
            Matcher match = STATE.matcher(name);
            if (match.matches()) {
                StoredObject object = new StoredObject(states + name, match.group(3), Long.parseLong(match.group(2)));
                found.add(new SavedState(Integer.parseInt(match.group(1)), object));
            }
        }
        found.sort(Comparator.comparingInt(SavedState::epoch).reversed());
        return found;
    }

    /** Records a result before it is published; the first one recorded under a name is the one to publish. */
    TaskResult record(String name, TaskResult result) {
        return results.record(outcomes + name + ".avro", result);
    }

    /** The results recorded so far, in the order of their names. */
    List<TaskResult> recorded() {
        return names(outcomes).stream()
                .sorted()
                .flatMap(name -> results.read(outcomes + name).stream())
                .toList();
    }

    /** Drops states and claims; the outcome stays. */
    void clear() {
        for (String name : names(states)) {
            store.delete(states + name);
        }
    }

    private List<String> names(String prefix) {
        return store.list(prefix).stream()
                .map(key -> key.substring(prefix.length()))
                .toList();
    }
}
