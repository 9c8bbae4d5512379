package org.fissionfusion.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.local.chaos.ChaosLab;
import org.fissionfusion.local.chaos.Processes;
import org.fissionfusion.local.chaos.Role;
import org.fissionfusion.local.chaos.Verdict;
import org.fissionfusion.runtime.EventStream;
import org.fissionfusion.runtime.FolderStore;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ObjectStores;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.StoreSettings;
import org.fissionfusion.s3server.S3Server;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One experiment on three brokers and a schema registry, everything in a process of its own, and one disturbance each.
 * Whatever happens, the experiment ends, its soups are those of an undisturbed run byte for byte, no task is lost, none
 * is counted twice, nothing lies among the dead letters, and every service still runs.
 */
class ChaosIT {
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final Duration LONGER_THAN_A_LOCK = Duration.ofSeconds(12);
    private static final Duration OUTAGE = Duration.ofSeconds(6);
    private static final long SEED = 20_261_124;

    private static SortedMap<String, String> undisturbed;

    @TempDir
    private Path folder;

    @BeforeAll
    static void runUndisturbed() throws Exception {
        undisturbed = ChaosExperiment.undisturbed();
    }

    private interface Disturbance {
        void in(ChaosLab lab) throws Exception;
    }

    private void survives(Disturbance disturbance) throws Exception {
        survives(onAFolder(Map.of(), false), new FolderStore(folder.resolve("store")), disturbance);
    }

    private ChaosLab.Setting onAFolder(Map<Role, List<String>> options, boolean cabled) {
        Map<String, String> store = Map.of("store.uri", folder.resolve("store").toString());
        return new ChaosLab.Setting(folder.resolve("lab"), store, options, 3, cabled);
    }

    private void survives(ChaosLab.Setting setting, ObjectStore store, Disturbance disturbance) throws Exception {
        var request = ChaosExperiment.request(folder.resolve("input"), store, Map.of());
        try (ChaosLab lab = ChaosLab.open(setting, request)) {
            disturbance.in(lab);
            Verdict verdict = lab.onlooker().awaitVerdict(PATIENCE);
            assertThat(verdict.complaints(undisturbed)).isEmpty();
            assertThat(verdict.soups()).isNotEmpty();
            assertThat(lab.processes().ended()).isEmpty();
        }
    }

    private static String worker(ChaosLab lab, String stage) throws InterruptedException {
        return lab.onlooker()
                .awaitWorker(beat -> beat.getStage().equals(stage), PATIENCE)
                .orElseThrow(() -> new AssertionError("the experiment ended before anyone did " + stage));
    }

    /** A trainer whose fine-tuning has saved an epoch and is in the midst of another. */
    private static String trainerMidEpoch(ChaosLab lab) throws InterruptedException {
        return lab.onlooker()
                .awaitWorker(ChaosExperiment::isMidEpoch, PATIENCE)
                .orElseThrow(() -> new AssertionError("the experiment ended before anyone was in a second epoch"));
    }

    @Test
    void killedTrainerMidEpoch() throws Exception {
        survives(lab -> lab.processes().killAndRestart(trainerMidEpoch(lab)));
    }

    @Test
    void killedEvaluatorMidTasting() throws Exception {
        survives(lab -> {
            worker(lab, "fission");
            lab.processes().killAndRestart(worker(lab, "scoring"));
        });
    }

    @Test
    void killedSouperMidTransaction() throws Exception {
        survives(lab -> {
            for (String stage : List.of("linear-probe", "fine-tune", "fission")) {
                worker(lab, stage);
                lab.processes().killAndRestart("souper-1");
            }
        });
    }

    @Test
    void killedEvaluatorMidWriteOfASoup() throws Exception {
        survives(lab -> lab.processes().killAndRestart(worker(lab, "persisting")));
    }

    @Test
    void killedLeaderOfTheQueue() throws Exception {
        survives(lab -> {
            worker(lab, "fine-tune");
            lab.processes().killAndRestart(leader(lab, Topics.TRAINING_TASKS.name()));
            worker(lab, "persisting");
            lab.processes().killAndRestart(leader(lab, Topics.EVALUATION_TASKS.name()));
        });
    }

    private static String leader(ChaosLab lab, String topic) throws Exception {
        try (Admin admin = lab.clients().admin()) {
            return ChaosLab.broker(admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .getFirst()
                    .leader()
                    .id());
        }
    }

    @Test
    void killedRegistryThatServicesNeedToStart() throws Exception {
        survives(lab -> {
            worker(lab, "fine-tune");
            lab.processes().kill(ChaosLab.REGISTRY);
            for (String name : List.of("souper-1", "evaluator-1", "trainer-1", "trainer-2")) {
                lab.processes().killAndRestart(name);
            }
            Thread.sleep(OUTAGE);
            lab.processes().start(ChaosLab.REGISTRY);
        });
    }

    @Test
    void killedStore() throws Exception {
        try (S3Server server = S3Server.start(folder.resolve("s3"), "models")) {
            System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
            System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
            Map<String, String> keys = Map.of(
                    "store.uri",
                    "s3://models/lab",
                    "store.s3.endpoint",
                    server.endpoint().toString(),
                    "store.s3.region",
                    "us-east-1",
                    "store.cache.folder",
                    folder.resolve("cache").toString());
            List<String> options =
                    List.of("-Daws.accessKeyId=" + S3Server.ACCESS_KEY, "-Daws.secretAccessKey=" + S3Server.SECRET_KEY);
            ChaosLab.Setting setting = new ChaosLab.Setting(
                    folder.resolve("lab"),
                    keys,
                    Role.SERVICES.stream().collect(Collectors.toMap(role -> role, _ -> options)),
                    3,
                    false);
            try (ObjectStore store = ObjectStores.open(StoreSettings.from(keys))) {
                survives(setting, store, lab -> {
                    String trainer = trainerMidEpoch(lab);
                    server.kill();
                    lab.processes().killAndRestart(trainer);
                    Thread.sleep(OUTAGE);
                    server.start();
                    worker(lab, "persisting");
                    server.kill();
                    Thread.sleep(OUTAGE);
                    server.start();
                });
            }
        }
    }

    @Test
    void trainerCutOffFromTheBrokersLongerThanItsLock() throws Exception {
        survives(onAFolder(Map.of(), true), new FolderStore(folder.resolve("store")), lab -> {
            var worked = lab.onlooker()
                    .awaitWorker(
                            beat -> ChaosExperiment.isMidEpoch(beat)
                                    && beat.getWorker().equals(ChaosLab.FAR_TRAINER),
                            PATIENCE);
            assertThat(worked)
                    .as("the far trainer works before the experiment ends")
                    .isPresent();
            lab.cut();
            Thread.sleep(LONGER_THAN_A_LOCK);
            lab.mend();
        });
    }

    @Test
    void frozenTrainerThatWakesUpLongAfterItsLock() throws Exception {
        survives(lab -> {
            String frozen = trainerMidEpoch(lab);
            lab.processes().freeze(frozen);
            Thread.sleep(LONGER_THAN_A_LOCK);
            lab.processes().thaw(frozen);
        });
    }

    @Test
    void clocksThatJump() throws Exception {
        Path clock = folder.resolve("clock");
        Map<Role, List<String>> options = new EnumMap<>(Role.class);
        Role.SERVICES.forEach(role -> options.put(role, ShiftedClock.options(clock)));
        survives(onAFolder(options, false), new FolderStore(folder.resolve("store")), lab -> {
            worker(lab, "linear-probe");
            ShiftedClock.shift(clock, Duration.ofHours(30));
            trainerMidEpoch(lab);
            ShiftedClock.shift(clock, Duration.ofHours(-3));
            for (Role role : Role.SERVICES) {
                for (String name : lab.processes().names(role)) {
                    assertThat(lab.processes().awaitEnd(name, PATIENCE)).isEqualTo(ServiceProcess.FAILED);
                    lab.processes().start(name); // as what supervises it does
                }
            }
            worker(lab, "fission");
            ShiftedClock.shift(clock, Duration.ofHours(2));
        });
    }

    @Test
    void slowConsumers() throws Exception {
        AtomicInteger read = new AtomicInteger();
        survives(lab -> {
            EventStream<?> slow = EventStream.start(lab.clients(), Topics.PROGRESS, event -> {
                read.incrementAndGet();
                pause();
            });
            worker(lab, "fine-tune");
            while (!lab.onlooker().ended()
                    && read.get() < 8) { // results pile up in front of a souper that mostly sleeps
                lab.processes().freeze("souper-1");
                Thread.sleep(1500);
                lab.processes().thaw("souper-1");
                Thread.sleep(500);
            }
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
            for (Role role : Role.ALL) {
                for (String name : lab.processes().names(role)) {
                    boolean service = Role.SERVICES.contains(role);
                    assertThat(lab.processes().stop(name, service ? Processes.STOPPED_WITHIN : PATIENCE))
                            .as("%s stops in time", name)
                            .isTrue();
                    lab.processes().start(name);
                }
            }
        });
    }

    @Test
    void twentyRandomKills() throws Exception {
        survives(lab -> {
            worker(lab, "preflight");
            assertThat(lab.killAtRandom(Role.ALL, 20, new Random(SEED), Duration.ofSeconds(1)))
                    .hasSize(20);
        });
    }
}
