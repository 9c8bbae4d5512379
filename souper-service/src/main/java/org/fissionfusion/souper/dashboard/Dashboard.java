package org.fissionfusion.souper.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.fissionfusion.core.view.ExperimentJson;
import org.fissionfusion.runtime.HttpSettings;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.souper.ExperimentFollower;
import org.fissionfusion.souper.FollowedExperiment;

/**
 * Shows every experiment in a browser: {@code /} is a page that asks {@code /api/experiments} and
 * {@code /api/experiments/ID} again and again; docs/dashboard.md lists their keys. It reads topics, not the planner's
 * state, so that each of several soupers shows all experiments. Nothing can be changed through it.
 */
public final class Dashboard implements AutoCloseable {
    private static final String API = "/api/experiments";
    private static final String PAGE = "/org/fissionfusion/souper/dashboard.html";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExperimentFollower follower;
    private final byte[] page;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private Dashboard(HttpServer server, ExperimentFollower follower, byte[] page) {
        this.server = server;
        this.follower = follower;
        this.page = page;
    }

    /**
     * Starts to follow and to answer.
     *
     * @throws UncheckedIOException when the address can't be listened on
     */
    public static Dashboard start(HttpSettings settings, KafkaClients clients) {
        try (InputStream html = Dashboard.class.getResourceAsStream(PAGE)) {
            if (html == null) {
                throw new IllegalStateException("not on the class path: " + PAGE);
            }
            byte[] page = html.readAllBytes();
            HttpServer server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
            Dashboard dashboard = new Dashboard(server, ExperimentFollower.ofAll(clients), page);
            server.setExecutor(dashboard.threads);
            server.createContext("/", dashboard::answer);
            server.start();
            return dashboard;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the dashboard cannot listen on " + settings.host() + ":" + settings.port(), e);
        }
    }

    /** Where a browser on this machine finds it. */
    public URI address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().isAnyLocalAddress() ? "localhost" : bound.getHostString();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort() + "/");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")
                    && !exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().add("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/")) {
                send(exchange, 200, "text/html; charset=utf-8", page);
            } else if (path.equals(API)) {
                json(exchange, 200, list());
            } else if (path.startsWith(API + "/")) {
                Optional<ObjectNode> experiment = experiment(path.substring(API.length() + 1));
                json(
                        exchange,
                        experiment.isPresent() ? 200 : 404,
                        experiment.orElseGet(() -> error("no such experiment")));
            } else {
                json(exchange, 404, error("no such page; there are /, " + API + " and " + API + "/ID"));
            }
        }
    }

    private ObjectNode list() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode experiments = root.putArray("experiments");
        follower.experiments().forEach(each -> experiments.add(timed(ExperimentJson.summary(each.view()), each)));
        follower.fault().ifPresent(fault -> root.put("fault", "reading events failed: " + fault.getMessage()));
        return root;
    }

    private Optional<ObjectNode> experiment(String id) {
        return follower.experiment(id).map(found -> timed(ExperimentJson.of(found.view()), found));
    }

    private static ObjectNode timed(ObjectNode node, FollowedExperiment followed) {
        return node.put("sequence", followed.sequence())
                .put("requestedAt", followed.first().toString())
                .put("lastEventAt", followed.last().toString());
    }

    private static ObjectNode error(String message) {
        return JsonNodeFactory.instance.objectNode().put("error", message);
    }

    private static void json(HttpExchange exchange, int status, JsonNode body) throws IOException {
        send(exchange, status, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        String tag = "\"" + HexFormat.of().formatHex(sha256(body)) + "\"";
        headers.add("Content-Type", type);
        headers.add("Cache-Control", "no-cache");
        headers.add("ETag", tag);
        headers.add("X-Content-Type-Options", "nosniff");
        headers.add(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:");
        if (status == 200 && tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
        } else if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
        follower.close();
    }
}
