package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.RetriableException;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestSchemaRegistryTest {
    private static final Schema SCHEMA = TaskSilent.getClassSchema();

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private String url;

    @BeforeEach
    void startServer() throws IOException {
        url = server();
    }

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.stop(0));
    }

    @Test
    void asksOnceForAnIdAndForASchema() {
        // Given
        RestSchemaRegistry registry = registry(Map.of("schema.registry.url", url + "/"));

        // When
        List<Integer> ids = List.of(
                registry.register("a b-value", SCHEMA),
                registry.register("a b-value", SCHEMA),
                registry.idOf("a b-value", SCHEMA));
        Schema byId = registry.byId(42);
        Schema again = registry.byId(42);
        SchemaRegistry.Registered latest = registry.latest("t-value");

        // Then
        assertThat(ids).containsOnly(42);
        assertThat(byId).isEqualTo(SCHEMA).isSameAs(again);
        assertThat(latest).isEqualTo(new SchemaRegistry.Registered(42, SCHEMA));
        assertThat(requests)
                .containsExactly(
                        "POST /subjects/a%20b-value/versions null",
                        "GET /schemas/ids/42 null", "GET /subjects/t-value/versions/latest null");
    }

    @Test
    void goesToTheNextServerAndBackWhenOneIsAway() throws IOException {
        // Given
        String dead;
        try (ServerSocket away = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = "http://127.0.0.1:" + away.getLocalPort();
        }
        statuses.addAll(List.of(503, 429));

        // When
        int id = registry(Map.of("schema.registry.url", dead + "," + url)).register("t-value", SCHEMA);

        // Then
        assertThat(id).isEqualTo(42);
        assertThat(requests).hasSize(3);
    }

    @Test
    void callsAnOutageRetriableAndARefusalNot() {
        RestSchemaRegistry registry = registry(Map.of("schema.registry.url", url));
        for (int i = 0; i < 4; i++) {
            statuses.add(500);
        }
        assertThatThrownBy(() -> registry.byId(1)).isInstanceOf(RetriableException.class);
        statuses.add(404);
        assertThatThrownBy(() -> registry.byId(1)).isInstanceOf(UnknownSchemaException.class);
        statuses.add(409);
        assertThatThrownBy(() -> registry.register("s", SCHEMA))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("409");
    }

    @Test
    void identifiesItself() {
        registry(Map.of("schema.registry.url", url.replace("http://", "http://u:p@")))
                .byId(1);
        registry(Map.of(
                        "schema.registry.url", url,
                        "basic.auth.credentials.source", "USER_INFO",
                        "basic.auth.user.info", "a:b"))
                .byId(1);
        registry(Map.of(
                        "schema.registry.url", url,
                        "bearer.auth.credentials.source", "STATIC_TOKEN",
                        "bearer.auth.token", "secret"))
                .byId(1);
        assertThat(requests)
                .containsExactly(
                        "GET /schemas/ids/1 Basic dTpw",
                        "GET /schemas/ids/1 Basic YTpi",
                        "GET /schemas/ids/1 Bearer secret");
    }

    @Test
    void refusesAConfigurationItCannotFollow() {
        assertThatThrownBy(() -> SchemaRegistry.from(Map.of("schema.registry.url", "ftp://x")))
                .hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() -> SchemaRegistry.from(
                        Map.of("schema.registry.url", url, "basic.auth.credentials.source", "SASL_INHERIT")))
                .hasMessageContaining("basic.auth.credentials.source");
    }

    private static RestSchemaRegistry registry(Map<String, String> config) {
        return new RestSchemaRegistry(RegistryConfig.from(config), Duration.ofMillis(5));
    }

    private String server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        servers.add(server);
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            Integer status = statuses.poll();
            byte[] body = new ObjectMapper()
                    .createObjectNode()
                    .put("id", 42)
                    .put("schema", SCHEMA.toString())
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status == null ? 200 : status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
