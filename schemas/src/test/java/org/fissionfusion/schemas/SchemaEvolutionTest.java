package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs of this version and of the last release read each other's events. A release leaves its table of schemas in
 * schemas/releases (docs/events.md has the command); before the first one nothing was promised to anybody, and the
 * older forms in today's table only have to stay readable, which {@link SchemaTableTest} sees to.
 */
class SchemaEvolutionTest {
    private static final Path RELEASES = Path.of("releases");

    private static List<Path> releases() throws IOException {
        if (!Files.isDirectory(RELEASES)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(RELEASES)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted(Comparator.comparing(
                            file -> Version.parse(file.getFileName().toString().replace(".jsonl", ""))))
                    .toList();
        }
    }

    /** The newest form of every record in a table. */
    private static Map<String, Schema> newest(SchemaTable table) {
        Map<String, Schema> newest = new LinkedHashMap<>();
        IntStream.rangeClosed(1, table.size())
                .mapToObj(id -> table.byId(id).orElseThrow())
                .forEach(schema -> newest.put(schema.getFullName(), schema));
        return newest;
    }

    private static List<String> breaks(Schema before, Schema now) {
        List<String> breaks = new ArrayList<>();
        if (!reads(now, before)) {
            breaks.add(now.getName() + " does not read what the release wrote (BACKWARD)");
        }
        if (!reads(before, now)) {
            breaks.add("the release does not read today's " + now.getName() + " (FORWARD)");
        }
        return breaks;
    }

    private static boolean reads(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    @Test
    void understandsTheLastReleaseAndIsUnderstoodByIt() throws IOException {
        assumeFalse(releases().isEmpty(), "there is no release yet");
        Map<String, Schema> released =
                newest(SchemaTable.of(Files.readString(releases().getLast())));
        List<String> breaks = new ArrayList<>();
        for (Schema now : SchemaTable.current()) {
            Schema before = released.remove(now.getFullName());
            if (before != null) {
                breaks.addAll(breaks(before, now));
            }
        }
        released.keySet().forEach(name -> breaks.add(name + " of the release is gone"));
        assertThat(breaks).as("since " + releases().getLast()).isEmpty();
    }

    @Test
    void givesEverySchemaTheIdThatItsReleaseGaveIt() throws IOException {
        assumeFalse(releases().isEmpty(), "there is no release yet");
        String table = SchemaTable.bundled().text();
        for (Path release : releases()) {
            assertThat(table).as(release.toString()).startsWith(Files.readString(release));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "field with a default | {'name':'b','type':'int','default':0} | 0",
                "field without | {'name':'b','type':'int'} | 1",
                "enumeration with a default | {'name':'b','type':{'type':'enum','name':'E','symbols':['X'],'default':'X'},'default':'X'} | 0",
            })
    void knowsWhatBreaks(String what, String field, int expected) {
        String head = "{'type':'record','name':'R','fields':[{'name':'a','type':'int'}";
        Schema before = parse(head + "]}");
        Schema now = parse(head + "," + field + "]}");
        assertThat(breaks(before, now)).as("new " + what).hasSize(expected);
        assertThat(breaks(now, before)).as("removed " + what).hasSize(expected);
    }

    @Test
    void knowsThatANewBranchOfAUnionBreaksAndANewSymbolWithADefaultDoesNot() {
        Schema one = parse("['null','int']");
        Schema two = parse("['null','int','string']");
        assertThat(breaks(one, two)).singleElement().asString().contains("FORWARD");
        Schema few = parse("{'type':'enum','name':'E','symbols':['X','UNKNOWN'],'default':'UNKNOWN'}");
        Schema more = parse("{'type':'enum','name':'E','symbols':['X','Y','UNKNOWN'],'default':'UNKNOWN'}");
        assertThat(breaks(few, more)).isEmpty();
    }

    private static Schema parse(String json) {
        return new Schema.Parser().parse(json.replace('\'', '"'));
    }
}
