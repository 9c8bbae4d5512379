package org.fissionfusion.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.InterruptException;

/** Client of Confluent's schema registry REST API, which Redpanda, Karapace and Apicurio answer too. */
public final class RestSchemaRegistry implements SchemaRegistry {
    private static final String TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROUNDS = 4;
    private static final Duration LATEST_KEPT = Duration.ofMinutes(1);

    /** No such subject, version, schema. */
    static final Set<Integer> UNKNOWN = Set.of(40401, 40402, 40403);

    private record Subject(String name, Schema schema) {}

    private record Cached(Registered registered, long nanoTime) {}

    private final RegistryConfig config;
    private final HttpClient http;
    private final Duration firstPause;
    private final AtomicInteger current = new AtomicInteger();
    private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();
    private final Map<Subject, Integer> ids = new ConcurrentHashMap<>();
    private final Map<String, Cached> latest = new ConcurrentHashMap<>();

    RestSchemaRegistry(RegistryConfig config) {
        this(config, Duration.ofMillis(200));
    }

    RestSchemaRegistry(RegistryConfig config, Duration firstPause) {
        this.config = config;
        this.firstPause = firstPause;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(config.connectTimeout())
                .followRedirects(HttpClient.Redirect.NORMAL);
        config.tls().ifPresent(builder::sslContext);
        http = builder.build();
    }

    @Override
    public int register(String subject, Schema schema) {
        return id(subject, schema, "/subjects/" + encode(subject) + "/versions");
    }

    @Override
    public int idOf(String subject, Schema schema) {
        return id(subject, schema, "/subjects/" + encode(subject));
    }

    private int id(String subject, Schema schema, String path) {
        Subject key = new Subject(subject, schema);
        Integer known = ids.get(key);
        if (known != null) {
            return known;
        }
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        int id = intOf(call("POST", path, Optional.of(body)), "id", path);
        ids.put(key, id);
        return id;
    }

    @Override
    public Registered latest(String subject) {
        Cached known = latest.get(subject);
        if (known != null && System.nanoTime() - known.nanoTime() < LATEST_KEPT.toNanos()) {
            return known.registered();
        }
        String path = "/subjects/" + encode(subject) + "/versions/latest";
        JsonNode answer = call("GET", path, Optional.empty());
        Registered found = new Registered(intOf(answer, "id", path), parse(answer, path));
        latest.put(subject, new Cached(found, System.nanoTime()));
        return found;
    }

    @Override
    public Schema byId(int id) {
        Schema known = byId.get(id);
        if (known != null) {
            return known;
        }
        String path = "/schemas/ids/" + id;
        Schema schema = parse(call("GET", path, Optional.empty()), path);
        byId.put(id, schema);
        return schema;
    }

    private static int intOf(JsonNode answer, String field, String path) {
        if (!answer.path(field).isInt()) {
            throw new RegistryException("schema registry answered " + path + " without " + field);
        }
        return answer.path(field).asInt();
    }

    private static Schema parse(JsonNode answer, String path) {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new UnknownSchemaException(path + " is of type " + type + ", not AVRO");
        }
        try {
            return new Schema.Parser().parse(answer.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new RegistryException(path + " is no Avro schema: " + e.getMessage(), e);
        }
    }

    /** Every server in turn, several rounds with growing pauses: the first answer below 500 (but 429) counts. */
    private JsonNode call(String method, String path, Optional<String> body) {
        IOException last = null;
        int attempts = ROUNDS * config.urls().size();
        for (int attempt = 0; attempt < attempts; attempt++) {
            int server = Math.floorMod(current.get(), config.urls().size());
            try {
                HttpResponse<String> answer = http.send(
                        request(config.urls().get(server), method, path, body), HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() < 500 && answer.statusCode() != 429) {
                    return answered(answer, method + " " + path);
                }
                last = new IOException(config.urls().get(server) + " answered " + answer.statusCode());
            } catch (IOException e) {
                last = e;
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
            current.compareAndSet(server, (server + 1) % config.urls().size());
            pause(attempt);
        }
        throw new RegistryUnavailableException(
                "no schema registry answered " + method + " " + path + ": " + config.urls(), last);
    }

    private HttpRequest request(URI server, String method, String path, Optional<String> body) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(config.readTimeout())
                .header("Accept", TYPE)
                .method(
                        method,
                        body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody));
        if (body.isPresent()) {
            builder.header("Content-Type", TYPE);
        }
        config.authorization().ifPresent(value -> builder.header("Authorization", value));
        return builder.build();
    }

    private static JsonNode answered(HttpResponse<String> answer, String what) throws IOException {
        int status = answer.statusCode();
        if (status / 100 == 2) {
            return JSON.readTree(answer.body());
        }
        String message = "schema registry answered " + what + " with " + status + ": " + answer.body();
        if (status == 404 && UNKNOWN.contains(errorCode(answer.body()))) {
            throw new UnknownSchemaException(message);
        }
        throw new RegistryException(
                switch (status) {
                    case 401, 403 -> message + "; check basic.auth.* or bearer.auth.*";
                    case 404 -> message + "; no schema registry answers there, check schema.registry.url";
                    case 409 -> message + "; the schema is not compatible with the subject's versions";
                    default -> message;
                });
    }

    /** A page that is not found is no schema that is not found: that would make poison of every record. */
    private static int errorCode(String body) {
        try {
            return JSON.readTree(body).path("error_code").asInt();
        } catch (JsonProcessingException e) {
            return 0; // another server's page
        }
    }

    private void pause(int attempt) {
        if ((attempt + 1) % config.urls().size() != 0) {
            return; // the next server of this round is asked at once
        }
        try {
            // half as long to half as long again, so that many clients do not come back at one moment
            double jitter = ThreadLocalRandom.current().nextDouble(0.5, 1.5);
            long millis = firstPause
                    .multipliedBy(1L << (attempt / config.urls().size()))
                    .toMillis();
            Thread.sleep(Math.round(millis * jitter));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
