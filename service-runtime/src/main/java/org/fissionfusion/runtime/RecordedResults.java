package org.fissionfusion.runtime;

import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Results that a worker records in the store before it publishes them, so that a task done again says the same. */
public record RecordedResults(ObjectStore store, Serde<TaskResult> format) {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedResults.class);

    /** A store that was killed may keep half a record; it is dropped, for the same work makes the same result again. */
    public Optional<TaskResult> read(String key) {
        try {
            return Optional.of(format.deserializer().deserialize(Topics.RESULTS.name(), store.read(key)));
        } catch (MissingObjectException missing) {
            return Optional.empty();
        } catch (PoisonRecordException damaged) {
            LOG.atWarn()
                    .addKeyValue("outcome", key)
                    .addKeyValue("reason", damaged.getMessage())
                    .log("a recorded result is damaged, it is made again");
            store.delete(key);
            return Optional.empty();
        }
    }

    /** Records a result; the first one recorded under a key is the one to publish. */
    public TaskResult record(String key, TaskResult result) {
        byte[] bytes = format.serializer().serialize(Topics.RESULTS.name(), result);
        while (!store.createIfAbsent(key, bytes)) {
            Optional<TaskResult> first = read(key);
            if (first.isPresent()) {
                return first.get();
            }
        }
        return result;
    }
}
