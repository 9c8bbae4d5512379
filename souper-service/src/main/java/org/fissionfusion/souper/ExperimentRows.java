package org.fissionfusion.souper;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;

/**
 * Experiments as rows of a state store: key {@code experiment|kind|id}, value a version byte and JSON. Only rows that
 * changed are written. Experiment ids hold no {@code |}.
 */
final class ExperimentRows {
    private static final byte VERSION = 1;
    private static final int CACHED = 1_000;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final KeyValueStore<String, byte[]> store;
    private final Map<String, Planned> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Planned> eldest) {
            return size() > CACHED;
        }
    };

    /**
     * An experiment and what the planner keeps beside it.
     *
     * @param journalled number of journal entries so far
     * @param blocked why no event is applied any more, if so
     */
    record Planned(Experiment experiment, long journalled, Optional<String> blocked) {}

    private record Divergences(List<String> notes) {}

    private record Journal(long entries, String blocked) {}

    ExperimentRows(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    Optional<Planned> load(String experimentId) {
        Planned cached = cache.get(experimentId);
        if (cached != null) {
            return Optional.of(cached);
        }
        Optional<Planned> read = read(experimentId);
        read.ifPresent(planned -> cache.put(experimentId, planned));
        return read;
    }

    private Optional<Planned> read(String experimentId) {
        Experiment.Head head = null;
        Journal journal = new Journal(0, "");
        List<String> divergences = List.of();
        SortedMap<String, TaskRow> tasks = new TreeMap<>();
        SortedMap<String, CheckpointRow> checkpoints = new TreeMap<>();
        SortedMap<String, SoupRow> soups = new TreeMap<>();
        try (KeyValueIterator<String, byte[]> rows = store.prefixScan(experimentId + "|", new StringSerializer())) {
            while (rows.hasNext()) {
                KeyValue<String, byte[]> row = rows.next();
                String[] key = row.key.split("\\|", 3);
                switch (key[1]) {
                    case "head" -> head = decode(row.value, Experiment.Head.class);
                    case "journal" -> journal = decode(row.value, Journal.class);
                    case "divergences" ->
                        divergences = decode(row.value, Divergences.class).notes();
                    case "task" -> tasks.put(key[2], decode(row.value, TaskRow.class));
                    case "checkpoint" -> checkpoints.put(key[2], decode(row.value, CheckpointRow.class));
                    case "soup" -> soups.put(key[2], decode(row.value, SoupRow.class));
                    default -> throw new IllegalStateException("unknown row kind in " + row.key);
                }
            }
        }
        if (head == null) {
            return Optional.empty();
        }
        Experiment experiment = new Experiment(head, tasks, checkpoints, soups, divergences);
        return Optional.of(new Planned(experiment, journal.entries(), blocked(journal)));
    }

    private static Optional<String> blocked(Journal journal) {
        return journal.blocked().isEmpty() ? Optional.empty() : Optional.of(journal.blocked());
    }

    void save(Planned planned) {
        Experiment next = planned.experiment();
        String id = next.id();
        Planned before = cache.put(id, planned);
        Experiment old = before == null ? null : before.experiment();
        if (old == null || !old.head().equals(next.head())) {
            put(id, "head", "", next.head());
        }
        if (old == null || !old.divergences().equals(next.divergences())) {
            put(id, "divergences", "", new Divergences(next.divergences()));
        }
        put(
                id,
                "journal",
                "",
                new Journal(planned.journalled(), planned.blocked().orElse("")));
        saveChanged(id, "task", old == null ? Map.of() : old.tasks(), next.tasks());
        saveChanged(id, "checkpoint", old == null ? Map.of() : old.checkpoints(), next.checkpoints());
        saveChanged(id, "soup", old == null ? Map.of() : old.soups(), next.soups());
    }

    private <T> void saveChanged(String experimentId, String kind, Map<String, T> before, Map<String, T> after) {
        after.forEach((id, row) -> {
            if (!row.equals(before.get(id))) {
                put(experimentId, kind, id, row);
            }
        });
        before.keySet().stream() // a refused experiment whose id another request has now
                .filter(id -> !after.containsKey(id))
                .forEach(id -> store.delete(experimentId + "|" + kind + "|" + id));
    }

    private void put(String experimentId, String kind, String id, Object row) {
        store.put(experimentId + "|" + kind + "|" + id, encode(row));
    }

    static byte[] encode(Object row) {
        try {
            byte[] json = JSON.writeValueAsBytes(row);
            byte[] value = new byte[json.length + 1];
            value[0] = VERSION;
            System.arraycopy(json, 0, value, 1, json.length);
            return value;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("rows are plain records", e);
        }
    }

    static <T> T decode(byte[] value, Class<T> type) {
        if (value.length == 0 || value[0] != VERSION) {
            throw new IllegalStateException("a state row of version " + (value.length == 0 ? "none" : value[0])
                    + ", this souper reads version " + VERSION);
        }
        try {
            return JSON.readValue(Arrays.copyOfRange(value, 1, value.length), type);
        } catch (IOException e) {
            throw new IllegalStateException("a damaged state row of type " + type.getSimpleName(), e);
        }
    }
}
