package org.fissionfusion.schemas;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;

/** A schema registry in memory behind Confluent's REST API, in the clear or over TLS, for those it knows. */
final class RegistryServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Schema> schemas = new ArrayList<>();
    private final Map<String, List<Integer>> versions = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private final Optional<String> authorization;
    private final HttpServer server;

    private record Refusal(int status, int code, String message) {}

    private RegistryServer(HttpServer server, Optional<String> authorization) {
        this.server = server;
        this.authorization = authorization;
        server.createContext("/", this::answer);
        server.start();
    }

    /** In the clear, for everybody. */
    static RegistryServer open() throws IOException {
        return new RegistryServer(HttpServer.create(loopback(), 0), Optional.empty());
    }

    /** Over TLS with this key, for requests that carry this Authorization header. */
    static RegistryServer secured(Path keys, String authorization) throws IOException, GeneralSecurityException {
        char[] password = Keytool.PASSWORD.toCharArray();
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(KeyStore.getInstance(keys.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new RegistryServer(server, Optional.of(authorization));
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    String url() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Method and path of every request so far. */
    synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            ObjectNode answer = JSON.createObjectNode();
            Optional<Refusal> refusal = authorization
                            .map(wanted ->
                                    wanted.equals(exchange.getRequestHeaders().getFirst("Authorization")))
                            .orElse(true)
                    ? answered(exchange, path.split("/"), answer)
                    : Optional.of(new Refusal(401, 401, "Unauthorized"));
            refusal.ifPresent(
                    no -> answer.removeAll().put("error_code", no.code()).put("message", no.message()));
            byte[] bytes = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
            exchange.sendResponseHeaders(refusal.map(Refusal::status).orElse(200), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** {@code /schemas/ids/N}, {@code /subjects/S}, {@code /subjects/S/versions}, {@code /subjects/S/versions/latest}. */
    private Optional<Refusal> answered(HttpExchange exchange, String[] path, ObjectNode answer) throws IOException {
        if (path[1].equals("schemas")) {
            return told(Integer.parseInt(path[3]), answer);
        }
        List<Integer> ids = versions.getOrDefault(path[2], List.of());
        if (path.length == 5) {
            return ids.isEmpty() ? unknownSubject() : told(ids.getLast(), answer);
        }
        Schema schema = new Schema.Parser()
                .parse(JSON.readTree(exchange.getRequestBody()).get("schema").asText());
        if (path.length == 4) {
            return told(registered(path[2], schema), answer);
        }
        if (ids.isEmpty()) {
            return unknownSubject();
        }
        int id = schemas.indexOf(schema) + 1;
        return ids.contains(id) ? told(id, answer) : Optional.of(new Refusal(404, 40403, "Schema not found"));
    }

    private static Optional<Refusal> unknownSubject() {
        return Optional.of(new Refusal(404, 40401, "Subject not found"));
    }

    private Optional<Refusal> told(int id, ObjectNode answer) {
        if (id > schemas.size()) {
            return Optional.of(new Refusal(404, 40403, "Schema not found"));
        }
        answer.put("id", id).put("version", 1).put("schema", schemas.get(id - 1).toString());
        return Optional.empty();
    }

    private int registered(String subject, Schema schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        int id = schemas.indexOf(schema) + 1;
        List<Integer> ids = versions.computeIfAbsent(subject, key -> new ArrayList<>());
        if (!ids.contains(id)) {
            ids.add(id);
        }
        return id;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
