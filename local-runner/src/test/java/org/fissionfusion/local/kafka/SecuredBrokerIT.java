package org.fissionfusion.local.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.local.cluster.AccessList;
import org.fissionfusion.local.cluster.ClusterSetup;
import org.fissionfusion.runtime.ControlTable;
import org.fissionfusion.runtime.Delivery;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.LogFormat;
import org.fissionfusion.runtime.Outcome;
import org.fissionfusion.runtime.QueueSettings;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.runtime.ShareWorkQueue;
import org.fissionfusion.runtime.StoreSettings;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.SouperService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that asks for a password and allows nothing that the access list does not. */
class SecuredBrokerIT {
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required ";

    @TempDir
    private Path folder;

    private BrokerNode node;
    private String address;

    @BeforeEach
    void startTheBroker() throws Exception {
        SortedMap<Integer, BrokerNode.Ports> ports = new PortChoice(folder).choose(1, 0);
        address = BrokerDefaults.bootstrapServers(ports);
        Map<String, String> config = new HashMap<>(BrokerDefaults.of(1, ports));
        config.replaceAll(
                (key, value) -> key.equals("listeners") ? value.replace("PLAINTEXT:", "SASL_PLAINTEXT:") : value);
        config.put("listener.security.protocol.map", "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
        config.put("inter.broker.listener.name", "SASL_PLAINTEXT");
        config.put("sasl.enabled.mechanisms", "PLAIN");
        config.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        StringBuilder users =
                new StringBuilder(PLAIN + "username=\"admin\" password=\"admin-secret\" user_admin=\"admin-secret\"");
        for (ServiceRole role : ServiceRole.values()) {
            users.append(" user_%s=\"%s-secret\"".formatted(role.wireName(), role.wireName()));
        }
        config.put("listener.name.sasl_plaintext.plain.sasl.jaas.config", users + ";");
        config.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        config.put("super.users", "User:admin;User:ANONYMOUS");
        node = new BrokerNode(1, folder.resolve("node-1"), BrokerNode.clusterId(folder), config);
        node.start();
        try (Admin admin = clients("admin").admin()) {
            assertThat(new ClusterSetup(TopicSetup.LOCAL).apply(admin).good()).isTrue();
            admin.createAcls(Arrays.stream(ServiceRole.values())
                            .flatMap(role -> AccessList.of(role).stream())
                            .toList())
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stopTheBroker() {
        node.stop();
    }

    private Map<String, String> connection(String user) {
        return Map.of(
                "bootstrap.servers",
                address,
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                PLAIN + "username=\"%s\" password=\"%s-secret\";".formatted(user, user));
    }

    private KafkaClients clients(String user) {
        return new KafkaClients(connection(user), SerdeFactory.bundled(), user);
    }

    @Test
    void letsEveryServiceDoItsWorkAndNothingElse() throws Exception {
        // Given a souper and an evaluator, each as its own principal
        ServiceConfig config = new ServiceConfig(
                connection("souper"),
                Map.of(),
                new StoreSettings.Folder(folder.resolve("store")),
                new WorkerSettings("souper", 1, Duration.ofSeconds(30)),
                new HttpSettings("127.0.0.1", 0),
                LogFormat.TEXT,
                Optional.empty());
        CountDownLatch done = new CountDownLatch(1);
        try (SouperService souper = SouperService.start(config, folder.resolve("state"));
                EventPublisher evaluator = new EventPublisher(clients("evaluator"));
                ControlTable control = ControlTable.start(clients("evaluator"), evaluator);
                var queue = ShareWorkQueue.start(
                        clients("evaluator"),
                        evaluator,
                        new QueueSettings<>(Topics.EVALUATION_TASKS, "evaluators", Duration.ofSeconds(30)),
                        new Counting(done));
                EventPublisher planner = new EventPublisher(clients("souper"))) {
            // Then they work
            assertThat(souper.awaitRunning(Duration.ofSeconds(60))).isTrue();
            assertThat(control.awaitReady(Duration.ofSeconds(60))).isTrue();
            planner.publish(Topics.EVALUATION_TASKS, "a", Tasks.named("a"));
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(queue.fault()).isEmpty();

            // And a trainer sees no score, takes no evaluation and asks for nothing
            try (EventPublisher trainer = new EventPublisher(clients("trainer"))) {
                assertThatThrownBy(() -> trainer.publish(Topics.EVALUATION_TASKS, "b", Tasks.named("b")))
                        .isInstanceOf(TopicAuthorizationException.class);
            }
            try (EventStream<?> scores = EventStream.start(clients("trainer"), Topics.RESULTS, _ -> {})) {
                assertThat(scores.awaitCaughtUp(Duration.ofSeconds(30))).isFalse();
                assertThat(scores.fault()).map(Throwable::getClass).contains(TopicAuthorizationException.class);
            }
            try (var consumer = clients("trainer").shareConsumer("spy", "evaluators")) {
                consumer.subscribe(List.of(Topics.TRAINING_TASKS.name()));
                assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(30)))
                        .isInstanceOf(GroupAuthorizationException.class);
            }
        }
    }

    private record Counting(CountDownLatch done) implements org.fissionfusion.runtime.WorkHandler<EvaluationTask> {
        @Override
        public org.fissionfusion.events.TaskProgress waiting(EvaluationTask task) {
            return Tasks.waiting(task);
        }

        @Override
        public Outcome handle(EvaluationTask task, Delivery delivery) {
            done.countDown();
            return Outcome.ACCEPT;
        }

        @Override
        public void publishFailure(EvaluationTask task, Delivery delivery, Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
