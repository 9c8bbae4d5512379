package org.fissionfusion.souper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Record;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final long NOON = Duration.ofDays(20_000).plusHours(12).toMillis();

    @Test
    void goesOnTickingOnceTheClockWasPutBack() {
        // Given
        SerdeFactory serdes = SerdeFactory.bundled();
        TaskProgress beat = new TaskProgress(
                "exp-1", "exp-1/preflight", 1, "w", "preflight", 0.0, 0, 0, 0, 0, 0.0, 0.0, -1.0, false);
        byte[] bytes = serdes.valuesOf(Topics.PROGRESS).serializer().serialize(Topics.PROGRESS.name(), beat);
        MockProcessorContext<String, byte[]> context = new MockProcessorContext<>();
        context.setRecordMetadata(Topics.PROGRESS.name(), 0, 0);
        context.setCurrentSystemTimeMs(NOON);
        Planner planner = new Planner(serdes, 10);
        planner.init(context);
        planner.process(new Record<>("exp-1", bytes, NOON));
        assertThat(context.scheduledPunctuators())
                .singleElement()
                .satisfies(ticks -> assertThat(ticks.cancelled()).isFalse());

        // When
        context.setCurrentSystemTimeMs(NOON - Duration.ofHours(5).toMillis());
        planner.process(new Record<>("exp-1", bytes, NOON));

        // Then
        assertThat(context.scheduledPunctuators())
                .extracting(CapturedPunctuator::cancelled)
                .containsExactly(true, false);
    }
}
