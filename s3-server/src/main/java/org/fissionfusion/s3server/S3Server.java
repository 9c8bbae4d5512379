package org.fissionfusion.s3server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * S3Proxy over a folder, as a child process: it can be killed like the real thing, and its libraries meet none of ours.
 * Buckets are folders; one that is not there is a missing bucket.
 */
public final class S3Server implements AutoCloseable {
    /** The access key it accepts. */
    public static final String ACCESS_KEY = "tester";

    /** The secret that belongs to it. */
    public static final String SECRET_KEY = "test-secret";

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Path folder;
    private final int port;
    private Process process;

    private S3Server(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts a server on a free port of the loopback interface, with these buckets.
     *
     * @param folder for the objects and the log of the server
     */
    public static S3Server start(Path folder, String... buckets) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        for (String bucket : buckets) {
            Files.createDirectories(folder.resolve("objects").resolve(bucket));
        }
        S3Server server = new S3Server(folder, port);
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::kill)); // also when the tests are ended from outside
        return server;
    }

    /** Starts it again after {@link #kill}, on the same port with the same objects. */
    public void start() throws IOException {
        Path properties = folder.resolve("s3proxy.properties");
        Files.writeString(properties, """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                """.formatted(port, ACCESS_KEY, SECRET_KEY, folder.resolve("objects")));
        Path log = folder.resolve("s3proxy.log");
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-DLOG_LEVEL=warn",
                        "-cp",
                        classPath(),
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        properties.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        awaitAnswer(log);
    }

    private void awaitAnswer(Path log) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    kill();
                    throw new IOException("the S3 server did not start:\n" + Files.readString(log), e);
                }
            }
            try {
                process.waitFor(50, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                kill();
                throw new IOException("interrupted while the S3 server started", e);
            }
        }
    }

    private static String classPath() throws IOException {
        try (InputStream in = S3Server.class.getResourceAsStream("classpath")) {
            if (in == null) {
                throw new IOException("the class path of the S3 server is written by this module's Maven build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create(String.format(Locale.ROOT, "http://127.0.0.1:%d", port));
    }

    /** The file in which it keeps an object. */
    public Path file(String bucket, String key) {
        return folder.resolve("objects").resolve(bucket).resolve(key);
    }

    /** Ends it at once, as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
