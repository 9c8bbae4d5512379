package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentPaused;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.local.kafka.EmbeddedBroker;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.WorkerSettings;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.souper.dashboard.Dashboard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardIT {
    private static final HttpSettings ANY_PORT = new HttpSettings("127.0.0.1", 0);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void showsEveryExperimentOnEveryDashboardFromTheTopicsAlone() throws Exception {
        try (EmbeddedBroker broker = new EmbeddedBroker(folder.resolve("kafka")).start()) {
            ServiceConfig config = ServiceConfig.local(
                    broker.bootstrapServers(),
                    folder.resolve("store"),
                    new WorkerSettings("souper", 1, ServiceConfig.DEFAULT_LOCK));
            KafkaClients clients = KafkaClients.from(config);
            try (Admin admin = clients.admin()) {
                TopicSetup.LOCAL.createMissing(admin);
            }
            try (SouperService _ = SouperService.start(config, folder.resolve("streams"));
                    EventPublisher publisher = new EventPublisher(clients);
                    Dashboard first = Dashboard.start(ANY_PORT, clients)) {
                command(publisher, "one", RequestMapper.toEvent(request("one")));
                command(publisher, "two", RequestMapper.toEvent(request("two")));
                await(first, "api/experiments", all -> all.path("experiments").size() == 2);
                command(publisher, "two", new ExperimentPaused());
                publisher.publish(Topics.PROGRESS, "one", heartbeat("one"));

                try (Dashboard second = Dashboard.start(ANY_PORT, clients)) {
                    for (Dashboard dashboard : new Dashboard[] {first, second}) {
                        requireBoth(dashboard);
                    }
                }
                assertThat(get(first, "api/experiments/three").statusCode()).isEqualTo(404);
                assertThat(get(first, "").body()).contains("<title>FissionFusion</title>");
                requireUnchangedIsNotSentAgain(first);
            }
        }
    }

    private void requireBoth(Dashboard dashboard) throws Exception {
        JsonNode one = await(
                dashboard,
                "api/experiments/one",
                it -> it.path("evaluations").path(0).has("heartbeat"));
        assertThat(one.path("standing").asText()).isEqualTo("PREFLIGHT");
        assertThat(one.at("/selection/metric").asText()).isEqualTo("accuracy");
        JsonNode preflight = one.at("/evaluations/0");
        assertThat(preflight.path("worker").asText()).isEqualTo("evaluator-7");
        assertThat(preflight.path("attempt").asInt()).isEqualTo(1);
        assertThat(preflight.at("/heartbeat/stage").asText()).isEqualTo("preflight");
        assertThat(one.at("/soups/0/expected")).isNotEmpty();
        JsonNode two = await(
                dashboard,
                "api/experiments/two",
                it -> it.path("standing").asText().equals("PAUSED"));
        assertThat(two.path("sequence").asInt()).isEqualTo(2);
    }

    private void requireUnchangedIsNotSentAgain(Dashboard dashboard) throws Exception {
        String tag = get(dashboard, "api/experiments/two")
                .headers()
                .firstValue("ETag")
                .orElseThrow();
        HttpRequest again = HttpRequest.newBuilder(dashboard.address().resolve("api/experiments/two"))
                .header("If-None-Match", tag)
                .build();
        assertThat(http.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(304);
    }

    private JsonNode await(Dashboard dashboard, String path, Predicate<JsonNode> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        JsonNode last;
        do {
            last = new ObjectMapper().readTree(get(dashboard, path).body());
            if (condition.test(last)) {
                return last;
            }
            Thread.sleep(100);
        } while (System.nanoTime() < end);
        throw new AssertionError(path + " is still " + last);
    }

    private HttpResponse<String> get(Dashboard dashboard, String path) throws IOException, InterruptedException {
        URI address = dashboard.address().resolve(path);
        return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void command(EventPublisher publisher, String id, Object command) {
        publisher.publish(Topics.EXPERIMENT_COMMANDS, id, new ExperimentCommand(id, command));
    }

    private static ExperimentRequest request(String id) throws Exception {
        return Requests.tiny(Map.of("experiment", id));
    }

    private static TaskProgress heartbeat(String id) {
        return new TaskProgress(
                id, id + "/preflight", 1, "evaluator-7", "preflight", 0.0, 0, 0, 0, 0, 0.0, 0.0, -1.0, false);
    }
}
