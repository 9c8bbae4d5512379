package org.fissionfusion.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.fissionfusion.events.Envelope;

/**
 * The checked-in table of schemas and ids: one JSON object per line, ids 1, 2, 3 …; lines are only ever added. Each line
 * carries the digest of all lines up to it, so that a change of an old line does not go unnoticed.
 *
 * <p>{@code main FILE} adds the current schemas that are not in it yet.
 */
public final class SchemaTable {
    static final String RESOURCE = "bundled-schemas.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> lines;
    private final List<Schema> schemas = new ArrayList<>();
    private String chain = "";

    private SchemaTable(List<String> lines) {
        this.lines = new ArrayList<>(lines);
        for (String line : lines) {
            accept(line);
        }
    }

    /** The table inside this artifact. */
    static SchemaTable bundled() {
        try (InputStream in = SchemaTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new RegistryException(RESOURCE + " is missing from the artifact");
            }
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new RegistryException("cannot read " + RESOURCE, e);
        }
    }

    /**
     * Reads a table.
     *
     * @throws RegistryException when a line was changed, removed or put between others
     */
    static SchemaTable of(String text) {
        return new SchemaTable(text.lines().filter(line -> !line.isBlank()).toList());
    }

    /** The schemas of every record that travels on a topic. */
    static List<Schema> current() {
        return Envelope.getClassSchema().getField("event").schema().getTypes();
    }

    Optional<Integer> idOf(Schema schema) {
        int index = schemas.lastIndexOf(schema);
        return index < 0 ? Optional.empty() : Optional.of(index + 1);
    }

    Optional<Schema> byId(int id) {
        return id < 1 || id > schemas.size() ? Optional.empty() : Optional.of(schemas.get(id - 1));
    }

    int size() {
        return schemas.size();
    }

    /** Adds the schema as a new line unless it is there. */
    void add(Schema schema) {
        if (idOf(schema).isPresent()) {
            return;
        }
        ObjectNode line = JSON.createObjectNode().put("id", schemas.size() + 1).put("name", schema.getFullName());
        line.put("chain", link(line.get("id").asInt(), schema.toString())).put("schema", schema.toString());
        lines.add(line.toString());
        accept(line.toString());
    }

    String text() {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private void accept(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            int id = node.path("id").asInt();
            String text = node.path("schema").asText();
            String link = link(id, text);
            if (id != schemas.size() + 1 || !link.equals(node.path("chain").asText())) {
                throw new RegistryException(RESOURCE + " is append-only, but line " + (schemas.size() + 1)
                        + " does not continue the lines before it");
            }
            schemas.add(new Schema.Parser().parse(text));
            chain = link;
        } catch (JsonProcessingException e) {
            throw new RegistryException(RESOURCE + " line " + (schemas.size() + 1) + " is not JSON", e);
        }
    }

    private String link(int id, String schema) {
        try {
            byte[] bytes = (chain + "\n" + id + "\n" + schema).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds the current schemas to the table in the file that is the only argument. */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            throw new IllegalArgumentException("usage: SchemaTable FILE");
        }
        Path file = Path.of(args[0]);
        SchemaTable table = of(Files.exists(file) ? Files.readString(file) : "");
        current().forEach(table::add);
        Files.writeString(file, table.text());
    }
}
