package org.fissionfusion.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers {@code /health/live} and {@code /health/ready}: 200 and "ok", or 503 and what is wrong, a line each; and {@code
 * /metrics} as Prometheus reads it.
 */
public final class HttpHealth implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private HttpHealth(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts to answer.
     *
     * @param faults what makes this process useless until it is restarted; empty when it is alive
     * @param waitsFor what it waits for before it can work; empty when it is ready
     */
    public static HttpHealth start(
            HttpSettings settings, Supplier<List<String>> faults, Supplier<List<String>> waitsFor) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
            HttpHealth health = new HttpHealth(server);
            server.setExecutor(health.threads);
            server.createContext("/health/live", exchange -> answer(exchange, faults.get()));
            server.createContext("/health/ready", exchange -> {
                List<String> reasons = faults.get();
                answer(exchange, reasons.isEmpty() ? waitsFor.get() : reasons);
            });
            server.start();
            return health;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + settings.host() + ":" + settings.port(), e);
        }
    }

    /** Answers {@code /metrics} with the text. */
    HttpHealth withMetrics(Supplier<String> metrics) {
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                byte[] body = metrics.get().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        return this;
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, List<String> reasons) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            String text = reasons.isEmpty() ? "ok\n" : String.join("\n", reasons) + "\n";
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(reasons.isEmpty() ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
