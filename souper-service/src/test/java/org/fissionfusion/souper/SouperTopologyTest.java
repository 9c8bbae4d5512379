package org.fissionfusion.souper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.request.Selection;
import org.fissionfusion.core.request.StoredFile;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.events.AcceptanceRule;
import org.fissionfusion.events.DeadLetter;
import org.fissionfusion.events.EvaluationFailed;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentCancelled;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.ExperimentPrioritized;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.StoppingPart;
import org.fissionfusion.events.TaskProgress;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskSilent;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SouperTopologyTest {
    private static final SerdeFactory SERDES = SerdeFactory.bundled();

    @TempDir
    Path state;

    @Test
    void takesARequestToAnnouncedSoups() {
        try (Driven souper = new Driven(state)) {
            // When
            souper.request(request("exp-1", "GoG"));
            souper.workUntilIdle();

            // Then
            Experiment folded = souper.fold();
            assertThat(folded.head().phase()).isEqualTo(Phase.COMPLETED);
            List<SoupReady> global = souper.read(Topics.GLOBAL_SOUP_READY);
            assertThat(global).extracting(SoupReady::getStrategy).containsExactly("GoG");
            SoupView view = ExperimentView.of(folded).soups().stream()
                    .filter(soup -> soup.row().global())
                    .findFirst()
                    .orElseThrow();
            assertThat(global.getFirst().getTastings()).isEqualTo(view.passes()).isPositive();
            assertThat(global.getFirst().getEpochs()).isEqualTo(view.epochs()).isPositive();
            assertThat(souper.read(Topics.LOCAL_SOUP_READY)).hasSize(2);
            assertThat(souper.read(Topics.DEAD_LETTERS)).isEmpty();
        }
    }

    @Test
    void journalsWhatFoldsToItsOwnState() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "GoG", "uniform"));
            for (int i = 0; i < 4; i++) {
                souper.workOnce();
                souper.journal.addAll(souper.read(Topics.EXPERIMENT_EVENTS));

                assertThat(souper.fold()).isEqualTo(souper.planned("exp-1"));
            }
            souper.command("exp-1", new ExperimentCancelled("enough"));
            souper.journal.addAll(souper.read(Topics.EXPERIMENT_EVENTS));

            assertThat(souper.fold()).isEqualTo(souper.planned("exp-1"));
            assertThat(souper.fold().head().phase()).isEqualTo(Phase.CANCELLED);
        }
    }

    @Test
    void goesOnFromItsStoreAfterARestart() {
        TreeMap<String, SoupRow> undisturbed;
        try (Driven souper = new Driven(state.resolve("undisturbed"))) {
            souper.request(request("exp-1", "GoG", "greedy"));
            souper.workUntilIdle();
            undisturbed = new TreeMap<>(souper.fold().soups());
        }

        // Given a souper that stops in the middle, its answers still to come
        List<JournalEntry> journal;
        List<TrainingTask> training;
        List<EvaluationTask> evaluation;
        Map<String, byte[]> rows = new TreeMap<>();
        try (Driven souper = new Driven(state.resolve("stopped"))) {
            souper.request(request("exp-1", "GoG", "greedy"));
            for (int i = 0; i < 3; i++) {
                souper.workOnce();
            }
            souper.journal.addAll(souper.read(Topics.EXPERIMENT_EVENTS));
            journal = souper.journal;
            training = souper.read(Topics.TRAINING_TASKS);
            evaluation = souper.read(Topics.EVALUATION_TASKS);
            try (var all = souper.driver
                    .<String, byte[]>getKeyValueStore(SouperTopology.STORE)
                    .all()) {
                all.forEachRemaining(row -> rows.put(row.key, row.value));
            }
        }

        // When
        try (Driven souper = new Driven(state.resolve("restarted"))) {
            rows.forEach(souper.driver.<String, byte[]>getKeyValueStore(SouperTopology.STORE)::put);
            training.forEach(souper::answer);
            evaluation.forEach(souper::answer);
            souper.workUntilIdle();

            // Then
            souper.journal.addAll(0, journal);
            assertThat(souper.fold().soups()).isEqualTo(undisturbed);
        }
    }

    @Test
    void poisonGoesToTheDeadLettersWithItsOriginAndTheStreamGoesOn() {
        try (Driven souper = new Driven(state)) {
            souper.raw(Topics.RESULTS).pipeInput("exp-1", "no avro".getBytes(StandardCharsets.UTF_8));
            souper.raw(Topics.EXPERIMENT_COMMANDS).pipeInput("exp-1", new byte[] {0, 0, 0, 0, 99, 1});
            souper.request(request("exp-1", "best"));
            souper.workUntilIdle();

            assertThat(souper.fold().head().phase()).isEqualTo(Phase.COMPLETED);
            assertThat(souper.read(Topics.DEAD_LETTERS))
                    .extracting(DeadLetter::getOriginTopic)
                    .containsExactly("results", "experiment-commands");
        }
    }

    @Test
    void refusesAnotherRequestOfTheSameIdAndAnEventOfNoExperiment() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            souper.request(request("exp-1", "best"));
            assertThat(souper.read(Topics.DEAD_LETTERS)).isEmpty();

            souper.request(request("exp-1", "greedy"));
            souper.command("exp-2", new ExperimentCancelled("who?"));

            assertThat(souper.read(Topics.DEAD_LETTERS))
                    .extracting(DeadLetter::getReason)
                    .satisfiesExactly(
                            first -> assertThat(first).contains("is taken by a request with digest"),
                            second -> assertThat(second).contains("no experiment of this id"));
        }
    }

    @Test
    void forgetsARefusedRequestWhenItsIdIsAskedForAgain() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best", "GoG"));
            EvaluationTask preflight = souper.read(Topics.EVALUATION_TASKS).getFirst();
            souper.result(new TaskResult(
                    "exp-1", preflight.getTaskId(), 1, "w", new EvaluationFailed("no such labels", true, null), 1.0));
            assertThat(souper.read(Topics.EXPERIMENT_STATUS).getLast().getPhase())
                    .isEqualTo("REFUSED");

            souper.request(request("exp-1", "best"));

            assertThat(souper.read(Topics.EVALUATION_TASKS))
                    .extracting(EvaluationTask::getAttempt)
                    .containsExactly(2);
            assertThat(souper.read(Topics.DEAD_LETTERS)).isEmpty();
            assertThat(souper.planned("exp-1").soups().keySet()).noneMatch(id -> id.contains("GoG"));
        }
    }

    @Test
    void issuesASilentTaskAgainAndLeavesOneThatNobodyBeganAlone() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            String preflight = souper.read(Topics.EVALUATION_TASKS).getFirst().getTaskId();
            souper.driver.advanceWallClockTime(Duration.ofMinutes(1));
            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();

            souper.beat(preflight, "w", false);
            souper.seconds(12);

            assertThat(souper.read(Topics.EVALUATION_TASKS))
                    .extracting(EvaluationTask::getAttempt)
                    .containsExactly(2);
            assertThat(souper.silences()).containsExactly(new TaskSilent(preflight, 1, "w", false, 0.0));
        }
    }

    @Test
    void issuesNothingAgainWhenAnotherWorkerHasTakenTheTaskOver() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            String preflight = souper.read(Topics.EVALUATION_TASKS).getFirst().getTaskId();

            souper.beat(preflight, "killed", false);
            souper.seconds(2);
            souper.beat(preflight, "killed", false);
            for (int i = 0; i < 15; i++) {
                souper.beat(preflight, "heir", false);
                souper.seconds(1);
            }

            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();
            assertThat(souper.silences()).containsExactly(new TaskSilent(preflight, 1, "killed", true, 2.0));
        }
    }

    @Test
    void takesNoAlarmAtTheSilenceOfAWorkerThatHasSaidItsLastWord() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            String preflight = souper.read(Topics.EVALUATION_TASKS).getFirst().getTaskId();

            souper.beat(preflight, "w", false);
            souper.beat(preflight, "w", true);
            souper.seconds(30);

            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();
            assertThat(souper.silences()).isEmpty();
        }
    }

    @Test
    void aJumpOfTheClockIsNoSilence() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            String preflight = souper.read(Topics.EVALUATION_TASKS).getFirst().getTaskId();

            souper.beat(preflight, "w", false);
            souper.driver.advanceWallClockTime(Duration.ofHours(5));
            souper.seconds(5);

            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();
        }
    }

    @Test
    void cutsAnOversizedRecordThatGoesToTheDeadLetters() {
        try (Driven souper = new Driven(state)) {
            souper.raw(Topics.RESULTS).pipeInput("exp-1", new byte[1_000_000]);

            assertThat(souper.read(Topics.DEAD_LETTERS)).singleElement().satisfies(letter -> {
                assertThat(letter.getOriginValue().remaining()).isEqualTo(512 * 1024);
                assertThat(letter.getReason()).contains("1000000 bytes");
                assertThat(letter.getStack()).contains("PoisonRecordException");
            });
        }
    }

    @Test
    void tellsWorkersOfACancelledExperiment() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            souper.command("exp-1", new ExperimentCancelled("enough"));

            assertThat(souper.read(Topics.EXPERIMENT_CONTROL).getLast())
                    .isEqualTo(new ExperimentControl("exp-1", false, true, null, Priority.NORMAL));
        }
    }

    @Test
    void putsTheTasksOfAnExperimentOfHighPriorityOnQueuesOfTheirOwn() {
        try (Driven souper = new Driven(state)) {
            souper.request(request("exp-1", "best"));
            EvaluationTask waiting = souper.read(Topics.EVALUATION_TASKS).getFirst();
            souper.command("exp-1", new ExperimentPrioritized(Priority.HIGH));

            assertThat(souper.read(Topics.EVALUATION_TASKS)).isEmpty();
            EvaluationTask moved =
                    EvaluationTask.newBuilder(waiting).setAttempt(2).build();
            assertThat(souper.read(Topics.EVALUATION_TASKS_HIGH)).containsExactly(moved);
            assertThat(souper.read(Topics.EXPERIMENT_CONTROL).getLast().getPriority())
                    .isEqualTo(Priority.HIGH);
            assertThat(souper.read(Topics.EXPERIMENT_STATUS).getLast().getPriority())
                    .isEqualTo(Priority.HIGH);
        }
    }

    @Test
    void readsItsOwnRequestBack() {
        ExperimentRequest request = request("exp-1", "GoG", "GoU", "gridSearch/greedy");

        assertThat(RequestMapper.fromEvent(RequestMapper.toEvent(request))).isEqualTo(request);
        ExperimentRequested event = RequestMapper.toEvent(request);
        event.getSelection().put("acceptance", AcceptanceRule.PAIRED_BOOTSTRAP);
        event.getSelection().put("acceptanceValue", 0.1);
        event.getData().put("stopping", new StoppingPart(0.4, 7L));
        event.getData().getSplits().getLast().put("sharedClasses", List.of(0, 1));
        assertThat(RequestMapper.toEvent(RequestMapper.content(event)).getData())
                .isEqualTo(event.getData());
        assertThat(RequestMapper.content(event).selection().acceptance()).isEqualTo(new Selection.PairedBootstrap(0.1));
    }

    static ExperimentRequest request(String id, String... strategies) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode().put("experiment", id);
        tree.putObject("model").put("architecture", "resnet20").put("weights", "w");
        tree.putObject("data").put("inDomain", "d").put("imageSize", 32);
        tree.putObject("selection").put("metric", "macro-f1");
        ObjectNode training = tree.putObject("training");
        training.putObject("fineTune")
                .put("epochs", 4)
                .putArray("learningRates")
                .add(1e-3)
                .add(1e-4);
        training.putObject("fission").put("epochs", 5);
        training.putObject("gridSearch").putArray("seeds").add(1).add(2);
        var names = tree.putArray("strategies");
        List.of(strategies).forEach(names::add);
        return RequestReader.read(tree)
                .resolve(new ResolvedFiles(
                        file("weights"),
                        List.of(
                                new DataSplit("train", file("train"), false),
                                new DataSplit("validation", file("validation"), false),
                                new DataSplit("test", file("test"), true)),
                        List.of("a", "b"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    private static StoredFile file(String name) {
        return new StoredFile(name, FakeWorkers.sha256(name), 1);
    }

    /** The topology with fake workers around it. */
    static final class Driven implements AutoCloseable {
        final TopologyTestDriver driver;
        final List<JournalEntry> journal = new ArrayList<>();

        Driven(Path state) {
            Properties properties = new Properties();
            properties.put("application.id", "souper");
            properties.put("bootstrap.servers", "none:1");
            properties.put("state.dir", state.toString());
            driver = new TopologyTestDriver(SouperTopology.build(SERDES, 10), properties);
        }

        <T extends SpecificRecord> TestInputTopic<String, T> input(Topic<T> topic) {
            return driver.createInputTopic(
                    topic.name(), new StringSerializer(), SERDES.valuesOf(topic).serializer());
        }

        TestInputTopic<String, byte[]> raw(Topic<?> topic) {
            return driver.createInputTopic(topic.name(), new StringSerializer(), new ByteArraySerializer());
        }

        <T extends SpecificRecord> List<T> read(Topic<T> topic) {
            TestOutputTopic<String, T> output = driver.createOutputTopic(
                    topic.name(),
                    new StringDeserializer(),
                    SERDES.valuesOf(topic).deserializer());
            return output.readValuesToList();
        }

        void request(ExperimentRequest request) {
            command(request.experimentId(), RequestMapper.toEvent(request));
        }

        void command(String id, Object command) {
            input(Topics.EXPERIMENT_COMMANDS).pipeInput(id, new ExperimentCommand(id, command));
        }

        void answer(TrainingTask task) {
            FakeWorkers.train(task).forEach(this::result);
        }

        void answer(EvaluationTask task) {
            result(FakeWorkers.evaluate(task));
        }

        private void result(TaskResult result) {
            input(Topics.RESULTS).pipeInput(result.getExperimentId(), result);
        }

        void beat(String taskId, String worker, boolean over) {
            input(Topics.PROGRESS)
                    .pipeInput(
                            "exp-1",
                            new TaskProgress(
                                    "exp-1", taskId, 1, worker, "preflight", 0.0, 0, 0, 0, 0, 0.0, 0.0, -1.0, over));
        }

        void seconds(int count) {
            for (int i = 0; i < count; i++) {
                driver.advanceWallClockTime(Duration.ofSeconds(1));
            }
        }

        /** The silences that the planner has applied. */
        List<TaskSilent> silences() {
            return read(Topics.EXPERIMENT_EVENTS).stream()
                    .map(JournalEntry::getEvent)
                    .filter(TaskSilent.class::isInstance)
                    .map(TaskSilent.class::cast)
                    .toList();
        }

        boolean workOnce() {
            List<TrainingTask> training = read(Topics.TRAINING_TASKS);
            List<EvaluationTask> evaluation = read(Topics.EVALUATION_TASKS);
            training.forEach(this::answer);
            evaluation.forEach(this::answer);
            return !training.isEmpty() || !evaluation.isEmpty();
        }

        void workUntilIdle() {
            while (workOnce()) {
                journal.addAll(read(Topics.EXPERIMENT_EVENTS));
            }
        }

        Experiment fold() {
            JournalFold fold = new JournalFold();
            journal.forEach(entry -> fold.apply(entry, Instant.EPOCH));
            return fold.experiment().orElseThrow();
        }

        Experiment planned(String id) {
            return new ExperimentRows(driver.getKeyValueStore(SouperTopology.STORE))
                    .load(id)
                    .orElseThrow()
                    .experiment();
        }

        @Override
        public void close() {
            driver.close();
        }
    }
}
