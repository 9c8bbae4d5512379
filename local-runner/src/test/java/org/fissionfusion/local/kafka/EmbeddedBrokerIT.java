package org.fissionfusion.local.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.Priority;
import org.fissionfusion.runtime.ControlTable;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    @TempDir
    Path folder;

    @Test
    void keepsItsDataOverARestartAndMovesWhereItsPortIsTaken() throws Exception {
        // Given
        String first;
        try (EmbeddedBroker broker = new EmbeddedBroker(folder).start()) {
            first = broker.bootstrapServers();
            KafkaClients clients = clients(first);
            setUp(clients);
            try (EventPublisher publisher = new EventPublisher(clients)) {
                publisher.publish(Topics.EVALUATION_TASKS, "kept", Tasks.named("kept"));
                publisher.publish(
                        Topics.EXPERIMENT_CONTROL,
                        "exp",
                        new ExperimentControl("exp", false, true, "abc", Priority.NORMAL));
            }
        }
        int port = Integer.parseInt(first.substring(first.indexOf(':') + 1));

        // When
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
                EmbeddedBroker broker = new EmbeddedBroker(folder).start()) {
            KafkaClients clients = clients(broker.bootstrapServers());

            // Then
            assertThat(taken.isBound()).isTrue();
            assertThat(broker.bootstrapServers()).isNotEqualTo(first);
            assertThat(read(clients)).containsExactly("kept");
            try (EventPublisher publisher = new EventPublisher(clients);
                    ControlTable table = ControlTable.start(clients, publisher)) {
                assertThat(table.awaitReady(Duration.ofSeconds(20))).isTrue();
                assertThat(table.isCancelled("exp")).isTrue();
                assertThat(table.isPaused("exp")).isFalse();
                assertThat(table.selectionClosed("exp")).contains("abc");
                assertThat(table.selectionClosed("other")).isEmpty();
            }
        }
    }

    @Test
    void losesNothingWhenOneOfThreeNodesIsRestarted() {
        // Given
        try (EmbeddedCluster cluster = new EmbeddedCluster(folder, 3, 0, message -> {})) {
            cluster.start();
            KafkaClients clients = clients(cluster.bootstrapServers());
            try (Admin admin = clients.admin()) {
                TopicSetup.CLUSTER.createMissing(admin);
            }
            try (EventPublisher publisher = new EventPublisher(clients)) {
                publisher.publish(Topics.EVALUATION_TASKS, "a", Tasks.named("a"));

                // When
                cluster.stop(2);
                publisher.publish(Topics.EVALUATION_TASKS, "b", Tasks.named("b"));
                cluster.start(2);
                publisher.publish(Topics.EVALUATION_TASKS, "c", Tasks.named("c"));
            }

            // Then
            assertThat(read(clients)).isEqualTo(List.of("a", "b", "c"));
        }
    }

    @Test
    void endsTheTransactionsThatTheirCoordinatorForgot() throws Exception {
        // Given
        TopicPartition tasks = new TopicPartition(Topics.EVALUATION_TASKS.name(), 0);
        try (EmbeddedBroker broker = new EmbeddedBroker(folder).start()) {
            KafkaClients clients = clients(broker.bootstrapServers());
            setUp(clients);
            var one = inTransaction(broker, "killed", tasks);
            var other = inTransaction(broker, "killed too", tasks);
            try (Admin admin = clients.admin()) {
                assertThat(HangingTransactions.abort(admin, Duration.ofSeconds(5)))
                        .as("what is at work")
                        .isEmpty();
            }
            one.close(Duration.ZERO);
            other.close(Duration.ZERO);
        }
        try (DirectoryStream<Path> state =
                Files.newDirectoryStream(folder.resolve("node-1/__transaction_state-0"), "0*")) {
            for (Path file : state) {
                Files.delete(file);
            }
        }
        try (EmbeddedBroker broker = new EmbeddedBroker(folder).start();
                Admin admin = clients(broker.bootstrapServers()).admin()) {
            assertThat(committed(admin, tasks)).isZero();

            // When
            Set<TopicPartition> ended = HangingTransactions.abort(admin, Duration.ofSeconds(1));

            // Then
            assertThat(ended).containsExactly(tasks);
            assertThat(committed(admin, tasks)).as("records and markers").isEqualTo(4);
            assertThat(HangingTransactions.abort(admin, Duration.ofSeconds(1))).isEmpty();
        }
    }

    private static KafkaProducer<byte[], byte[]> inTransaction(
            EmbeddedBroker broker, String transactionalId, TopicPartition partition) throws Exception {
        var producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        transactionalId),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), new byte[1], new byte[1]))
                .get();
        return producer;
    }

    /** The offset up to which readers of committed records get. */
    private static long committed(Admin admin, TopicPartition partition) throws Exception {
        return admin.listOffsets(
                        Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static List<String> read(KafkaClients clients) {
        Queue<String> found = new ConcurrentLinkedQueue<>();
        try (EventStream<EvaluationTask> stream =
                EventStream.start(clients, Topics.EVALUATION_TASKS, event -> found.add(event.key()))) {
            assertThat(stream.awaitCaughtUp(Duration.ofSeconds(20))).isTrue();
        }
        return List.copyOf(found);
    }

    private static void setUp(KafkaClients clients) {
        try (Admin admin = clients.admin()) {
            TopicSetup.LOCAL.createMissing(admin);
        }
    }

    private static KafkaClients clients(String bootstrapServers) {
        return new KafkaClients(Map.of("bootstrap.servers", bootstrapServers), SerdeFactory.bundled(), "test");
    }
}
