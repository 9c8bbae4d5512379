package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.local.chaos.ChaosLab;
import org.fissionfusion.local.chaos.Onlooker;
import org.fissionfusion.local.chaos.ServiceKind;
import org.fissionfusion.local.chaos.Verdict;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One experiment on three brokers with every service in its own process, and one disturbance each. Whatever happens,
 * the experiment ends, its soups are those of an undisturbed run byte for byte, no task is lost, none is counted twice,
 * and nothing lies among the dead letters.
 */
class ChaosIT {
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final long SEED = 20_261_124;

    @TempDir
    private Path folder;

    private SortedMap<String, String> undisturbed;
    private Path store;
    private ExperimentRequest request;

    @BeforeEach
    void prepare() throws Exception {
        undisturbed = UndisturbedRun.soups();
        Path file = TinyExperiment.prepare(folder.resolve("input"));
        store = folder.resolve("store");
        RequestDraft draft = RequestReader.read(RequestYaml.read(file));
        request = draft.resolve(
                new RequestedFiles(draft, file.getParent(), new FolderStore(store), folder.resolve("prepare"), _ -> {})
                        .store());
    }

    private interface Disturbance {
        void in(ChaosLab lab) throws Exception;
    }

    private void survives(Disturbance disturbance) throws Exception {
        try (ChaosLab lab = ChaosLab.open(folder.resolve("lab"), store, request)) {
            disturbance.in(lab);
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.complaints(undisturbed)).isEmpty();
            assertThat(verdict.soups()).isNotEmpty();
            assertThat(lab.services().ended()).isEmpty();
        }
    }

    private static String worker(ChaosLab lab, String stage) throws InterruptedException {
        Onlooker onlooker = lab.onlooker();
        return onlooker.awaitWorker(beat -> beat.getStage().equals(stage), PATIENCE)
                .orElseThrow(() -> new AssertionError("the experiment ended before anyone did " + stage));
    }

    @Test
    void killedTrainerMidEpoch() throws Exception {
        survives(lab -> lab.services().killAndRestart(worker(lab, "fine-tune")));
    }

    @Test
    void killedEvaluatorMidTasting() throws Exception {
        survives(lab -> {
            worker(lab, "fission");
            lab.services().killAndRestart(worker(lab, "scoring"));
        });
    }

    @Test
    void killedSouperMidTransaction() throws Exception {
        survives(lab -> {
            for (String stage : List.of("linear-probe", "fine-tune", "fission")) {
                worker(lab, stage);
                lab.services().killAndRestart("souper-1");
            }
        });
    }

    @Test
    void killedEvaluatorMidWriteOfASoup() throws Exception {
        survives(lab -> lab.services().killAndRestart(worker(lab, "persisting")));
    }

    @Test
    void leaderOfTheQueuesAway() throws Exception {
        survives(lab -> {
            worker(lab, "fine-tune");
            int leader;
            try (Admin admin = lab.clients().admin()) {
                String topic = Topics.TRAINING_TASKS.name();
                leader = admin.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic)
                        .partitions()
                        .getFirst()
                        .leader()
                        .id();
            }
            lab.restartBroker(leader);
        });
    }

    @Test
    void frozenTrainerThatWakesUpLongAfterItsLock() throws Exception {
        survives(lab -> {
            String frozen = worker(lab, "fine-tune");
            lab.services().freeze(frozen);
            Thread.sleep(Duration.ofSeconds(15));
            lab.services().thaw(frozen);
        });
    }

    @Test
    void slowConsumer() throws Exception {
        AtomicInteger read = new AtomicInteger();
        survives(lab -> {
            EventStream<?> slow = EventStream.start(lab.clients(), Topics.PROGRESS, event -> {
                read.incrementAndGet();
                pause();
            });
            worker(lab, "fission");
            slow.close();
        });
        assertThat(read).hasPositiveValue();
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void rollingRestartOfEverything() throws Exception {
        survives(lab -> {
            worker(lab, "fine-tune");
            for (ServiceKind kind : ServiceKind.values()) {
                for (String name : lab.services().names(kind)) {
                    assertThat(lab.services().stop(name))
                            .as("%s stops within 10 s", name)
                            .isTrue();
                    lab.services().start(kind, name);
                }
            }
            for (int id = 1; id <= ChaosLab.BROKERS; id++) {
                lab.restartBroker(id);
            }
        });
    }

    @Test
    void twentyRandomKills() throws Exception {
        survives(lab -> {
            worker(lab, "preflight");
            List<String> killed = lab.killAtRandom(20, SEED, Duration.ofSeconds(2));
            Files.write(folder.resolve("killed.txt"), killed);
            assertThat(killed).hasSize(20);
        });
    }
}
