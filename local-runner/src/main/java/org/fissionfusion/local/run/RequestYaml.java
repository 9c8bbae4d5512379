package org.fissionfusion.local.run;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Reads request files: YAML (or JSON, which is YAML) without repeated keys. */
public final class RequestYaml {
    private static final YAMLFactory YAML_FACTORY = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final ObjectMapper YAML =
            new ObjectMapper(YAML_FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RequestYaml() {}

    /** @throws RunRefused naming file, line and column when it is no YAML or says a key twice */
    public static ObjectNode read(Path file) throws IOException, RunRefused {
        if (Files.isDirectory(file)) {
            throw new RunRefused(file + ": is a folder; give the request file in it");
        }
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new RunRefused(file + ": is no text in UTF-8, so it is no request");
        }
    }

    static ObjectNode parse(String name, String text) throws RunRefused {
        try {
            refuseAliases(name, text);
            if (YAML.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new RunRefused(name + ": is empty or no mapping of keys to values; docs/request.md shows one");
        } catch (MismatchedInputException e) {
            throw new RunRefused(name + place(e) + ": a second document begins here; a request is a single one");
        } catch (JsonProcessingException e) {
            throw new RunRefused(name + place(e) + ": " + e.getOriginalMessage().strip());
        }
    }

    private static String place(JsonProcessingException wrong) {
        JsonLocation at = wrong.getLocation();
        return at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr();
    }

    /** Read as a tree an alias would quietly become the text of its name. */
    private static void refuseAliases(String name, String text) throws RunRefused {
        try (YAMLParser parser = YAML_FACTORY.createParser(text)) {
            while (parser.nextToken() != null) {
                if (parser.isCurrentAlias()) {
                    JsonLocation at = parser.currentTokenLocation();
                    throw new RunRefused("%s:%d:%d: *%s: aliases are not supported; write the value out"
                            .formatted(name, at.getLineNr(), at.getColumnNr(), parser.getText()));
                }
            }
        } catch (IOException e) {
            // no YAML: what reads it next says where and why
        }
    }

    /** Puts {@code data.imageSize=32} and the like over what the file says. */
    public static void override(ObjectNode request, Map<String, String> settings) throws RunRefused {
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String[] path = setting.getKey().split("\\.", -1);
            ObjectNode node = request;
            for (int i = 0; i < path.length - 1; i++) {
                JsonNode next = node.get(path[i]);
                if (next != null && !next.isObject()) {
                    throw new RunRefused("--set " + setting.getKey() + ": " + path[i] + " is no section");
                }
                node = next == null ? node.putObject(path[i]) : (ObjectNode) next;
            }
            try {
                node.set(path[path.length - 1], YAML.readTree(setting.getValue()));
            } catch (JsonProcessingException e) {
                throw new RunRefused("--set " + setting.getKey() + ": " + e.getOriginalMessage());
            }
        }
    }

    /** A path of a request: absolute, {@code file://}, or relative to a folder. */
    public static Path resolve(Path folder, String written) {
        Path path = written.startsWith("file:") ? Path.of(URI.create(written)) : Path.of(written);
        return folder.resolve(path).normalize();
    }
}
