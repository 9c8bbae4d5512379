package org.fissionfusion.souper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.fissionfusion.core.view.EvaluationView;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.Heartbeat;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentPaused;
import org.fissionfusion.events.JournalEntry;
import org.junit.jupiter.api.Test;

class JournalFoldTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String PREFLIGHT = "exp-1/preflight";

    private final JournalFold fold = new JournalFold();

    @Test
    void countsAnEntryOnceHoweverOftenItComes() {
        fold.apply(requested(), NOON);
        fold.apply(paused(2), NOON.plusSeconds(5));

        fold.apply(requested(), NOON.plusSeconds(9));

        FollowedExperiment followed = fold.followed().orElseThrow();
        assertThat(followed.sequence()).isEqualTo(2);
        assertThat(followed.view().standing()).isEqualTo("PAUSED");
        assertThat(followed.elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void saysThatEntriesAreMissingAndKeepsWhatItKnows() {
        fold.apply(requested(), NOON);

        fold.apply(paused(3), NOON);
        fold.apply(paused(2), NOON);

        ExperimentView view = fold.followed().orElseThrow().view();
        assertThat(view.standing()).isEqualTo("BLOCKED");
        assertThat(view.reason()).contains("entry 3 after 1");
        assertThat(view.head().paused()).isFalse();
    }

    @Test
    void saysThatAnEntryIsOfALaterVersion() {
        fold.apply(requested(), NOON);

        fold.apply(new JournalEntry("exp-1", 2L, null), NOON);

        assertThat(fold.followed().orElseThrow().view().reason())
                .contains("entry 2")
                .contains("this version");
    }

    @Test
    void showsTheLastHeartbeatOfTheLatestAttempt() {
        fold.heard(beat(1, 10));
        fold.apply(requested(), NOON);
        fold.heard(beat(1, 12));
        fold.heard(beat(0, 13));

        EvaluationView preflight =
                fold.followed().orElseThrow().view().evaluations().getFirst();
        assertThat(preflight.heartbeat().map(Heartbeat::at)).contains(NOON.plusSeconds(12));
        assertThat(preflight.worker()).isEqualTo("w");
    }

    @Test
    void showsABlockedExperimentUntilItGoesOn() {
        fold.apply(requested(), NOON);
        fold.blocked(Optional.of("a bug"));
        assertThat(fold.followed().orElseThrow().view().ended()).isTrue();

        fold.blocked(Optional.empty());

        assertThat(fold.followed().orElseThrow().view().ended()).isFalse();
    }

    private static Heartbeat beat(int attempt, int second) {
        return new Heartbeat(PREFLIGHT, attempt, "w", NOON.plusSeconds(second), "preflight", 0, 0, 0, 0, 0, 0, 0, -1);
    }

    private static JournalEntry requested() {
        return new JournalEntry(
                "exp-1",
                1L,
                new ExperimentCommand("exp-1", RequestMapper.toEvent(SouperTopologyTest.request("exp-1", "best"))));
    }

    private static JournalEntry paused(long sequence) {
        return new JournalEntry("exp-1", sequence, new ExperimentCommand("exp-1", new ExperimentPaused()));
    }
}
