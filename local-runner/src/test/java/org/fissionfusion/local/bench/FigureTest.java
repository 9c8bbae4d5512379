package org.fissionfusion.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void saysWhetherItsGoalWasReached() {
        Figure speed = Figure.of("speed", 1.25, "times");

        assertThat(speed.toString()).endsWith("1.25 times");
        assertThat(speed.atLeast(1).toString()).endsWith("1.25 times  (at least 1.00)");
        assertThat(speed.atLeast(2).toString()).endsWith("(at least 2.00: missed)");
        assertThat(speed.atMost(1).toString()).endsWith("(at most 1.00: missed)");
        assertThat(Figure.of("many", 34968, "images/s").toString()).endsWith("34,968 images/s");
    }

    @Test
    void becomesOneObject() {
        ObjectNode node = new ObjectMapper().createObjectNode();

        Figure.of("overhead", 12, "%").atMost(10).into(node);

        assertThat(node.toString())
                .isEqualTo("{\"name\":\"overhead\",\"value\":12.0,\"unit\":\"%\",\"atMost\":10.0,\"reached\":false}");
    }
}
