package org.fissionfusion.souper;

import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;

/** Commands, results and heartbeats of one experiment meet in one processor: no repartitioning. */
public final class SouperTopology {
    static final String STORE = "experiments";
    private static final String PLANNER = "planner";
    private static final List<Topic<?>> SOURCES = List.of(Topics.EXPERIMENT_COMMANDS, Topics.RESULTS, Topics.PROGRESS);
    private static final List<Topic<?>> SINKS = List.of(
            Topics.TRAINING_TASKS,
            Topics.TRAINING_TASKS_HIGH,
            Topics.EVALUATION_TASKS,
            Topics.EVALUATION_TASKS_HIGH,
            Topics.EXPERIMENT_EVENTS,
            Topics.EXPERIMENT_STATUS,
            Topics.EXPERIMENT_CONTROL,
            Topics.LOCAL_SOUP_READY,
            Topics.GLOBAL_SOUP_READY,
            Topics.DEAD_LETTERS);

    private SouperTopology() {}

    static String sink(Topic<?> topic) {
        return "to-" + topic.name();
    }

    /**
     * The topology.
     *
     * @param silentTicks seconds without a heartbeat after which a begun task is issued again
     */
    public static Topology build(SerdeFactory serdes, int silentTicks) {
        Topology topology = new Topology();
        for (Topic<?> source : SOURCES) {
            topology.addSource(source.name(), new StringDeserializer(), new ByteArrayDeserializer(), source.name());
        }
        topology.addProcessor(
                PLANNER,
                () -> new Planner(serdes, silentTicks),
                SOURCES.stream().map(Topic::name).toArray(String[]::new));
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray()),
                PLANNER);
        for (Topic<?> sink : SINKS) {
            topology.addSink(sink(sink), sink.name(), new StringSerializer(), new ByteArraySerializer(), PLANNER);
        }
        return topology;
    }
}
