package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.fissionfusion.events.TaskSilent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTableTest {
    private final SchemaTable table = SchemaTable.bundled();

    @Test
    void holdsTheSchemaOfEveryTopic() {
        assertThat(SchemaTable.current())
                .as("run %s on its resource and check the new lines in", SchemaTable.class.getName())
                .allSatisfy(schema -> assertThat(table.idOf(schema)).isPresent());
        assertThat(Topics.ALL)
                .allSatisfy(topic -> assertThat(SchemaTable.current().stream().map(Schema::getFullName))
                        .contains(topic.valueType().getName()));
    }

    @Test
    void readsEveryOlderFormOfASchema() {
        List<Schema> all = IntStream.rangeClosed(1, table.size())
                .mapToObj(id -> table.byId(id).orElseThrow())
                .toList();
        for (Schema current : SchemaTable.current()) {
            assertThat(all)
                    .filteredOn(old -> old.getFullName().equals(current.getFullName()))
                    .allSatisfy(old -> assertThat(SchemaCompatibility.checkReaderWriterCompatibility(current, old)
                                    .getType())
                            .isEqualTo(SchemaCompatibilityType.COMPATIBLE));
        }
    }

    @Test
    void refusesAChangedAMovedAndARemovedLine() {
        List<String> lines = table.text().lines().toList();
        String changed = table.text().replaceFirst("experimentId", "experimentID");
        String moved = lines.get(1) + "\n" + lines.get(0);
        String removed = String.join("\n", lines.subList(1, lines.size()));
        assertThat(List.of(changed, moved, removed))
                .allSatisfy(text -> assertThatThrownBy(() -> SchemaTable.of(text))
                        .isInstanceOf(RegistryException.class)
                        .hasMessageContaining("append-only"));
    }

    @Test
    void addsOnlyWhatIsMissing(@TempDir Path folder) throws Exception {
        // Given
        Path file = folder.resolve("table.jsonl");
        SchemaTable.main(new String[] {file.toString()});
        String first = Files.readString(file);

        // When
        SchemaTable.main(new String[] {file.toString()});
        SchemaTable longer = SchemaTable.of(first);
        longer.add(TaskSilent.getClassSchema());

        // Then
        assertThat(Files.readString(file)).isEqualTo(first);
        assertThat(longer.text()).startsWith(first);
        assertThat(longer.idOf(TaskSilent.getClassSchema()))
                .contains(SchemaTable.current().size() + 1);
    }
}
