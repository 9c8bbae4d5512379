package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.RetriableException;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestSchemaRegistryTest {
    private static final Schema SCHEMA = TaskSilent.getClassSchema();

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> errorCodes = new ConcurrentLinkedQueue<>();
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
        for (int unknown : List.of(40401, 40402, 40403)) {
            statuses.add(404);
            errorCodes.add(unknown);
            assertThatThrownBy(() -> registry.byId(1)).isInstanceOf(UnknownSchemaException.class);
        }
        statuses.add(409);
        assertThatThrownBy(() -> registry.register("s", SCHEMA))
                .isInstanceOf(RegistryException.class)
                .hasMessageContainingAll("409", "not compatible");
        statuses.add(401);
        assertThatThrownBy(() -> registry.register("s", SCHEMA))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("basic.auth");
    }

    @Test
    void doesNotTakeAMissingPageForAMissingSchema() {
        statuses.add(404);
        assertThatThrownBy(() -> registry(Map.of("schema.registry.url", url)).byId(1))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("check schema.registry.url");
    }

    @Test
    void givesUpAServerThatDoesNotAnswerInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String dumb = "http://127.0.0.1:" + silent.getLocalPort();
            Map<String, String> timeout = Map.of("schema.registry.http.read.timeout.ms", "50");
            RestSchemaRegistry alone = registry(with(timeout, "schema.registry.url", dumb));
            assertThatThrownBy(() -> alone.byId(1))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining(dumb);
            Map<String, String> both = Map.of("schema.registry.http.read.timeout.ms", "5000");
            RestSchemaRegistry second = registry(with(both, "schema.registry.url", url + "," + dumb));
            assertThat(second.byId(1)).isEqualTo(SCHEMA);
        }
    }

    private static Map<String, String> with(Map<String, String> config, String key, String value) {
        Map<String, String> more = new HashMap<>(config);
        more.put(key, value);
        return more;
    }

    @Test
    void speaksTlsWithTheTrustThatIsConfigured(@TempDir Path folder) throws Exception {
        // Given
        Path keys = Keytool.key(folder);
        Path certificate = Keytool.certificate(keys);
        Path trust = Keytool.trust(keys);
        String secure = secureServer(keys);

        // When
        RestSchemaRegistry pkcs12 = registry(Map.of(
                "schema.registry.url",
                secure,
                "schema.registry.ssl.truststore.location",
                trust.toString(),
                "schema.registry.ssl.truststore.password",
                "changeit",
                "schema.registry.ssl.keystore.location",
                keys.toString(),
                "schema.registry.ssl.keystore.password",
                "changeit"));
        RestSchemaRegistry pem = registry(Map.of(
                "schema.registry.url",
                secure,
                "schema.registry.ssl.truststore.location",
                certificate.toString(),
                "schema.registry.ssl.truststore.type",
                "PEM",
                "schema.registry.ssl.keystore.location",
                keys.toString(),
                "schema.registry.ssl.keystore.password",
                "changeit"));

        // Then
        assertThat(pkcs12.byId(1)).isEqualTo(SCHEMA);
        assertThat(pem.byId(1)).isEqualTo(SCHEMA);
        RestSchemaRegistry distrustful = registry(Map.of("schema.registry.url", secure));
        assertThatThrownBy(() -> distrustful.byId(1)).isInstanceOf(RegistryUnavailableException.class);
        RestSchemaRegistry anonymous = registry(Map.of(
                "schema.registry.url",
                secure,
                "schema.registry.ssl.truststore.location",
                trust.toString(),
                "schema.registry.ssl.truststore.password",
                "changeit"));
        assertThatThrownBy(() -> anonymous.byId(1))
                .as("the server asks for a certificate")
                .isInstanceOf(RegistryUnavailableException.class);
    }

    /** A server that shows this certificate, and asks for the same from its clients. */
    private String secureServer(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, "changeit".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("client", store.getCertificate("registry"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", this::answer);
        server.start();
        servers.add(server);
        return "https://127.0.0.1:" + server.getAddress().getPort();
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
        assertThatThrownBy(() -> SchemaRegistry.from(Map.of(
                        "schema.registry.url", url, "schema.registry.ssl.endpoint.identification.algorithm", "")))
                .hasMessageContainingAll("endpoint.identification.algorithm is not supported", "truststore.location");
        assertThatThrownBy(() -> SchemaRegistry.from(
                        Map.of("schema.registry.url", url, "schema.registry.http.read.timeout.ms", "soon")))
                .hasMessageContainingAll("read.timeout.ms", "soon");
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
                    .put("error_code", errorCodes.poll())
                    .put("schema", SCHEMA.toString())
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status == null ? 200 : status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
