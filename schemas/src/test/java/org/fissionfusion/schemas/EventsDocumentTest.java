package org.fissionfusion.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EventsDocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "events.md");

    @Test
    void saysWhatTheCodeSays() throws Exception {
        String document = Files.readString(DOCUMENT);
        assertThat(EventsDocument.renewed(document))
                .as("run %s with docs/events.md", EventsDocument.class.getName())
                .isEqualTo(document);
    }

    @Test
    void namesWhoWritesAndReadsEveryTopic() throws Exception {
        String document = Files.readString(DOCUMENT);
        String table = document.substring(document.indexOf("## Who writes, who reads"));
        assertThat(Topics.ALL).allSatisfy(topic -> assertThat(table).contains("| `" + topic.name() + "` |"));
    }

    @Test
    void refusesADocumentWithoutPlacesForItsParts() {
        assertThatThrownBy(() -> EventsDocument.renewed("# Topics"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("<!-- begin topics -->");
    }
}
