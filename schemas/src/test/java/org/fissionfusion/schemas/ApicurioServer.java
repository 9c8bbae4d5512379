package org.fissionfusion.schemas;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A real registry, which {@code -Papicurio} fetches, in a process of its own: in the clear and over TLS. */
final class ApicurioServer implements AutoCloseable {
    private static final Path UNPACKED = Path.of("target", "apicurio");
    private static final Path UNPACKED_BY_ANOTHER_MODULE =
            Path.of("..", "schemas").resolve(UNPACKED);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final int port;
    private final int securePort;

    private ApicurioServer(Process process, int port, int securePort) {
        this.process = process;
        this.port = port;
        this.securePort = securePort;
    }

    /**
     * Starts it, where it was fetched.
     *
     * @param folder for its log
     * @param keys its key for TLS, with {@link Keytool#PASSWORD}
     */
    static Optional<ApicurioServer> start(Path folder, Path keys) throws Exception {
        Optional<Path> jar = jar();
        if (jar.isEmpty()) {
            return Optional.empty();
        }
        int port = freePort();
        int securePort = freePort();
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=" + port,
                        "-Dquarkus.http.ssl-port=" + securePort,
                        "-Dquarkus.http.insecure-requests=enabled",
                        "-Dquarkus.http.ssl.certificate.key-store-file=" + keys,
                        "-Dquarkus.http.ssl.certificate.key-store-password=" + Keytool.PASSWORD,
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=" + freePort(),
                        "-jar",
                        jar.get().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ApicurioServer server = new ApicurioServer(process, port, securePort);
        server.awaitAnswer(log);
        return Optional.of(server);
    }

    private static Optional<Path> jar() throws IOException {
        for (Path folder : List.of(UNPACKED, UNPACKED_BY_ANOTHER_MODULE)) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    return files.filter(file -> file.endsWith("quarkus-run.jar"))
                            .map(Path::toAbsolutePath)
                            .findFirst();
                }
            }
        }
        return Optional.empty();
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void awaitAnswer(Path log) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (send(HttpRequest.newBuilder(URI.create(url() + "/subjects"))) == 200) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    close();
                    throw new IOException("the registry did not start:\n" + Files.readString(log), e);
                }
            }
            Thread.sleep(200);
        }
    }

    static int send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    String secureUrl() {
        return "https://127.0.0.1:" + securePort + "/apis/ccompat/v7";
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
