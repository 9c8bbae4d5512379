package org.fissionfusion.local.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;

/**
 * A small schema registry in a process of its own, which ends with whoever started it: the part of Confluent's REST API
 * that services use. What it has registered it still knows after it was killed.
 */
public final class RegistryMain {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final List<Version> versions = new ArrayList<>();

    /** One schema of a subject; a schema has the same id in every subject. */
    private record Version(int id, String subject, Schema schema) {}

    private record Answer(int status, ObjectNode body) {}

    private RegistryMain(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("\t", 3);
                versions.add(new Version(Integer.parseInt(parts[0]), parts[1], new Schema.Parser().parse(parts[2])));
            }
        }
    }

    /** Arguments: port, file. */
    public static void main(String[] arguments) throws IOException {
        RegistryMain registry = new RegistryMain(Path.of(arguments[1]));
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", registry::serve);
        server.start();
        while (System.in.read() >= 0) {
            // the end of the input is the end of the parent
        }
        System.exit(0);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getRawPath().substring(1).split("/");
            byte[] request = exchange.getRequestBody().readAllBytes();
            Answer answer = answer(exchange.getRequestMethod(), path, request);
            byte[] body = JSON.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private synchronized Answer answer(String method, String[] path, byte[] request) throws IOException {
        boolean subjects = path[0].equals("subjects") && path.length > 1;
        if (path[0].equals("schemas") && path.length == 3) {
            int id = Integer.parseInt(path[2]);
            return shown(newest(version -> version.id() == id), 40403);
        }
        if (subjects && method.equals("GET")) {
            String subject = decoded(path[1]);
            return shown(newest(version -> version.subject().equals(subject)), 40401);
        }
        if (subjects && method.equals("POST")) {
            String subject = decoded(path[1]);
            Schema schema = new Schema.Parser()
                    .parse(JSON.readTree(request).path("schema").asText());
            Optional<Version> known = newest(version ->
                    version.subject().equals(subject) && version.schema().equals(schema));
            return path.length == 3 && known.isEmpty()
                    ? shown(Optional.of(registered(subject, schema)), 0)
                    : shown(known, 40403);
        }
        return new Answer(404, JSON.createObjectNode().put("error_code", 404));
    }

    private interface Wish {
        boolean of(Version version);
    }

    private Optional<Version> newest(Wish wish) {
        return versions.reversed().stream().filter(wish::of).findFirst();
    }

    private Version registered(String subject, Schema schema) throws IOException {
        int id = newest(version -> version.schema().equals(schema))
                .map(Version::id)
                .orElse(1 + versions.stream().mapToInt(Version::id).max().orElse(0));
        Version version = new Version(id, subject, schema);
        String line = "%d\t%s\t%s%n".formatted(id, subject, schema);
        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        versions.add(version);
        return version;
    }

    private static Answer shown(Optional<Version> found, int otherwise) {
        return found.map(version -> new Answer(
                        200,
                        JSON.createObjectNode()
                                .put("subject", version.subject())
                                .put("id", version.id())
                                .put("version", version.id())
                                .put("schema", version.schema().toString())))
                .orElseGet(() -> new Answer(
                        404,
                        JSON.createObjectNode().put("error_code", otherwise).put("message", "not found")));
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part, StandardCharsets.UTF_8);
    }
}
