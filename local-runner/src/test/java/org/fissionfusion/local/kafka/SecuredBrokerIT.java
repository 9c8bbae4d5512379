package org.fissionfusion.local.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
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

/** A broker that speaks TLS, asks for a password and allows nothing that the access list does not. */
class SecuredBrokerIT {
    private static final String STORE_PASSWORD = "not-a-secret";
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
        config.replaceAll((key, value) -> key.equals("listeners") ? value.replace("PLAINTEXT:", "SASL_SSL:") : value);
        config.put("listener.security.protocol.map", "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT");
        config.put("inter.broker.listener.name", "SASL_SSL");
        config.put("sasl.enabled.mechanisms", "PLAIN");
        certificate();
        config.put("ssl.keystore.type", "PKCS12");
        config.put("ssl.keystore.location", folder.resolve("broker.p12").toString());
        config.put("ssl.keystore.password", STORE_PASSWORD);
        config.putAll(trust()); // the broker is a client of itself
        config.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        StringBuilder users =
                new StringBuilder(PLAIN + "username=\"admin\" password=\"admin-secret\" user_admin=\"admin-secret\"");
        for (ServiceRole role : ServiceRole.values()) {
            users.append(" user_%s=\"%s-secret\"".formatted(role.wireName(), role.wireName()));
        }
        config.put("listener.name.sasl_ssl.plain.sasl.jaas.config", users + ";");
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

    /** A key pair for the broker, and its certificate for those that shall trust it. */
    private void certificate() throws Exception {
        String store = folder.resolve("broker.p12").toString();
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1", "-keystore", store);
        keytool("-exportcert", "-rfc", "-file", folder.resolve("ca.pem").toString(), "-keystore", store);
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "broker", "-storetype", "PKCS12", "-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private Map<String, String> trust() {
        return Map.of(
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                folder.resolve("ca.pem").toString());
    }

    private Map<String, String> connection(String user) {
        Map<String, String> settings = new HashMap<>(trust());
        settings.put("bootstrap.servers", address);
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", "PLAIN");
        settings.put("sasl.jaas.config", PLAIN + "username=\"%s\" password=\"%s-secret\";".formatted(user, user));
        return settings;
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
                        new QueueSettings<>(
                                Topics.EVALUATION_TASKS,
                                Optional.of(Topics.EVALUATION_TASKS_HIGH),
                                "evaluators",
                                Duration.ofSeconds(30),
                                QueueSettings.DEFAULT_DELIVERY_LIMIT),
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

    @Test
    void hangsUpOnAClientWithoutTlsOrWithoutTrust() {
        Map<String, String> plain = new HashMap<>(connection("souper"));
        plain.put("security.protocol", "SASL_PLAINTEXT");
        assertUnheard(plain);
        Map<String, String> trustless = new HashMap<>(connection("souper"));
        trustless.keySet().removeAll(trust().keySet());
        assertUnheard(trustless);
    }

    private static void assertUnheard(Map<String, String> settings) {
        Map<String, Object> hasty = new HashMap<>(settings);
        hasty.put("default.api.timeout.ms", "5000");
        hasty.put("request.timeout.ms", "5000");
        try (Admin admin = Admin.create(hasty)) {
            assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                    .cause()
                    .isInstanceOfAny(SslAuthenticationException.class, TimeoutException.class);
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
