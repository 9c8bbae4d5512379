package org.fissionfusion.schemas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/**
 * The parts of docs/events.md that follow from the code: they stand between comments that name them.
 *
 * <p>{@code main FILE} writes them anew.
 */
public final class EventsDocument {
    private EventsDocument() {}

    /** The document with its generated parts replaced. */
    static String renewed(String document) {
        String renewed = replaced(document, "topics", topics());
        return replaced(renewed, "records", records());
    }

    private static String replaced(String document, String name, String part) {
        String begin = "<!-- begin " + name + " -->\n";
        String end = "<!-- end " + name + " -->";
        int from = document.indexOf(begin);
        int to = document.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("the document has no lines " + begin.strip() + " and " + end);
        }
        return document.substring(0, from + begin.length()) + part + document.substring(to);
    }

    private static String topics() {
        StringBuilder text = new StringBuilder("""
                | topic | key | value | partitions | kept |
                |---|---|---|---|---|
                """);
        for (Topic<?> topic : Topics.ALL) {
            text.append("| `%s` | %s | [`%s`](#%s) | %s | %s |\n"
                    .formatted(
                            topic.name(),
                            topic.keyMeaning(),
                            topic.valueType().getSimpleName(),
                            anchor(topic.valueType().getSimpleName()),
                            partitions(topic),
                            kept(topic.retention())));
        }
        return text.toString();
    }

    private static String anchor(String record) {
        return record.toLowerCase(java.util.Locale.ROOT);
    }

    private static String partitions(Topic<?> topic) {
        return switch (topic.layout()) {
            case QUEUE -> "1";
            case KEYED -> Topics.DEFAULT_KEYED_PARTITIONS + ", or what the site chose";
        };
    }

    private static String kept(Retention retention) {
        return switch (retention) {
            case Retention.Forever() -> "for ever";
            case Retention.Compacted() -> "the latest of a key (compacted)";
            case Retention.For(Duration time) -> time.toDays() + " days";
        };
    }

    private static String records() {
        Map<String, Schema> found = new LinkedHashMap<>();
        SchemaTable.current().forEach(schema -> collect(schema, found));
        List<String> parts = new ArrayList<>();
        found.values().stream()
                .filter(schema -> schema.getType() == Schema.Type.RECORD)
                .forEach(schema -> parts.add(record(schema)));
        String enums = found.values().stream()
                .filter(schema -> schema.getType() == Schema.Type.ENUM)
                .map(schema ->
                        "| `%s` | %s |\n".formatted(schema.getName(), String.join(", ", schema.getEnumSymbols())))
                .collect(Collectors.joining());
        return String.join("\n", parts) + "\n### Enumerations\n\n| name | symbols |\n|---|---|\n" + enums;
    }

    /** Records and enumerations, each after those that name it first. */
    private static void collect(Schema schema, Map<String, Schema> found) {
        switch (schema.getType()) {
            case RECORD -> {
                if (found.putIfAbsent(schema.getName(), schema) == null) {
                    schema.getFields().forEach(field -> collect(field.schema(), found));
                }
            }
            case ENUM -> found.putIfAbsent(schema.getName(), schema);
            case UNION -> schema.getTypes().forEach(branch -> collect(branch, found));
            case ARRAY -> collect(schema.getElementType(), found);
            case MAP -> collect(schema.getValueType(), found);
            default -> {
                // a primitive type
            }
        }
    }

    private static String record(Schema schema) {
        StringBuilder text = new StringBuilder("### " + schema.getName() + "\n\n");
        if (schema.getDoc() != null) {
            text.append(oneLine(schema.getDoc())).append("\n\n");
        }
        if (schema.getFields().isEmpty()) {
            return text + "No fields.\n";
        }
        text.append("| field | type | meaning |\n|---|---|---|\n");
        for (Schema.Field field : schema.getFields()) {
            text.append("| `%s` | %s | %s |\n"
                    .formatted(
                            field.name(),
                            type(field.schema()),
                            field.doc() == null ? "" : oneLine(field.doc()).replace("|", "\\|")));
        }
        return text.toString();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    private static String type(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> "[`" + schema.getName() + "`](#" + anchor(schema.getName()) + ")";
            case ENUM -> "`" + schema.getName() + "`";
            case ARRAY -> "list of " + type(schema.getElementType());
            case MAP -> "map of " + type(schema.getValueType());
            case UNION ->
                schema.getTypes().stream()
                        .map(branch -> branch.getType() == Schema.Type.NULL ? "nothing" : type(branch))
                        .collect(Collectors.joining(" or "));
            default -> schema.getType().getName();
        };
    }

    /** Renews the file that is the only argument. */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            throw new IllegalArgumentException("usage: EventsDocument FILE");
        }
        Path file = Path.of(args[0]);
        Files.writeString(file, renewed(Files.readString(file)));
    }
}
