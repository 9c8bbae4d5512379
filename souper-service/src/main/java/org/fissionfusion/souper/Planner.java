package org.fissionfusion.souper;

import static org.fissionfusion.events.Priority.NORMAL;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentCommand;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.experiment.Priority;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.Step;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.events.ExperimentRequested;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.JournalEntry;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TaskSilent;
import org.fissionfusion.runtime.DeadLetters;
import org.fissionfusion.runtime.Meters;
import org.fissionfusion.schemas.PoisonRecordException;
import org.fissionfusion.schemas.SerdeFactory;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Load rows, step, store rows, forward: one partition, one transaction. Decides nothing itself.
 *
 * <p>A record that cannot be read or applied goes to the dead letters and the stream goes on. An exception of the pure
 * step blocks its experiment, before anything of it is stored; the others go on.
 */
final class Planner implements Processor<String, byte[], String, byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(Planner.class);
    private static final String SERVICE = "souper";

    private final SerdeFactory serdes;
    private final Silences silences;
    private ProcessorContext<String, byte[]> context;
    private ExperimentRows rows;
    private Cancellable ticks;
    private long latestMillis;

    Planner(SerdeFactory serdes, int silentTicks) {
        this.serdes = serdes;
        this.silences = new Silences(silentTicks);
    }

    @Override
    public void init(ProcessorContext<String, byte[]> processorContext) {
        context = processorContext;
        rows = new ExperimentRows(context.getStateStore(SouperTopology.STORE));
        startTicking();
    }

    private void startTicking() {
        ticks = context.schedule(
                Duration.ofSeconds(1),
                PunctuationType.WALL_CLOCK_TIME,
                _ -> silences.tick().forEach(this::wentSilent));
    }

    /** The next tick is due by the wall clock: were it put back by hours, there would be none for hours. */
    private void keepTicking() {
        long now = context.currentSystemTimeMs();
        if (now < latestMillis) {
            ticks.cancel();
            startTicking();
        }
        latestMillis = now;
    }

    @Override
    public void process(Record<String, byte[]> record) {
        RecordMetadata origin = context.recordMetadata().orElseThrow();
        Meters.waited(origin.topic(), record.timestamp());
        keepTicking();
        try {
            if (record.value() == null) {
                throw new IllegalArgumentException("an empty record");
            }
            if (origin.topic().equals(Topics.PROGRESS.name())) {
                silences.heartbeat(decode(Topics.PROGRESS, record.value()));
            } else {
                take(record, origin);
            }
        } catch (PoisonRecordException | IllegalArgumentException e) {
            deadLetter(record, origin, e.getMessage(), Optional.of(e));
        }
    }

    private void take(Record<String, byte[]> record, RecordMetadata origin) {
        String experimentId;
        Object event;
        ExperimentEvent domainEvent;
        if (origin.topic().equals(Topics.EXPERIMENT_COMMANDS.name())) {
            var command = decode(Topics.EXPERIMENT_COMMANDS, record.value());
            experimentId = command.getExperimentId();
            event = command;
            try {
                domainEvent = EventMapper.fromCommand(command);
            } catch (IllegalArgumentException e) {
                refuse(record.key(), command, e.getMessage());
                throw e;
            }
        } else {
            TaskResult result = decode(Topics.RESULTS, record.value());
            experimentId = result.getExperimentId();
            event = result;
            domainEvent = EventMapper.fromResult(result);
        }
        if (!ExperimentRequest.isId(experimentId)) {
            throw new IllegalArgumentException("the experiment id '" + experimentId + "' is not allowed");
        }
        if (!experimentId.equals(record.key())) {
            throw new IllegalArgumentException("the key '" + record.key() + "' is not the experiment id '"
                    + experimentId + "': it may lie in a partition whose planner does not know the experiment");
        }
        if (domainEvent instanceof ExperimentEvent.Requested(var request)
                && !request.experimentId().equals(experimentId)) {
            throw new IllegalArgumentException("the request is of experiment " + request.experimentId());
        }
        apply(experimentId, event, domainEvent, reason -> deadLetter(record, origin, reason, Optional.empty()));
    }

    /** Whoever waits for an experiment must hear that its request cannot be read; others keep their status. */
    private void refuse(String key, org.fissionfusion.events.ExperimentCommand command, String reason) {
        String id = command.getExperimentId();
        if (command.getCommand() instanceof ExperimentRequested requested
                && id.equals(key)
                && ExperimentRequest.isId(id)
                && rows.load(id).isEmpty()) {
            forward(
                    Topics.EXPERIMENT_STATUS,
                    id,
                    new ExperimentStatus(id, Phase.REFUSED.name(), reason, requested.getRequestDigest(), 0, 0, NORMAL));
        }
    }

    private void wentSilent(Silences.Silent silent) {
        TaskSilent event = new TaskSilent(
                silent.taskId(), silent.attempt(), silent.worker(), silent.takenOver(), silent.seconds());
        Optional<ExperimentRows.Planned> planned = rows.load(silent.experimentId());
        boolean awaited = planned.map(it -> it.experiment().tasks().get(silent.taskId()))
                .filter(task -> task.status() == TaskRow.Status.ISSUED && task.attempt() == silent.attempt())
                .isPresent();
        if (awaited) {
            LOG.atWarn()
                    .addKeyValue("experimentId", silent.experimentId())
                    .addKeyValue("taskId", silent.taskId())
                    .log("a worker went silent; its task is issued again");
            apply(
                    silent.experimentId(),
                    event,
                    EventMapper.fromSilence(event),
                    reason -> LOG.atWarn().addKeyValue("reason", reason).log("a silence was refused"));
        }
    }

    private interface Refusal {
        void because(String reason);
    }

    private void apply(String experimentId, Object event, ExperimentEvent domainEvent, Refusal refusal) {
        Optional<ExperimentRows.Planned> planned = rows.load(experimentId);
        Optional<String> blocked = planned.flatMap(ExperimentRows.Planned::blocked);
        if (blocked.isPresent()) {
            refusal.because("the experiment is blocked: " + blocked.get());
            return;
        }
        Step step;
        try {
            step = Experiment.step(planned.map(ExperimentRows.Planned::experiment), domainEvent);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("experimentId", experimentId).setCause(e).log("a step failed");
            refusal.because("the step failed: " + stack(e));
            planned.ifPresent(it -> block(it, e.toString()));
            return;
        }
        if (step.changed()) {
            long sequence = planned.map(ExperimentRows.Planned::journalled).orElse(0L) + 1;
            rows.save(new ExperimentRows.Planned(step.next(), sequence, Optional.empty()));
            forward(Topics.EXPERIMENT_EVENTS, experimentId, new JournalEntry(experimentId, sequence, event));
        }
        if (domainEvent instanceof ExperimentEvent.OfTask task
                && step.next() != null
                && Optional.ofNullable(step.next().tasks().get(task.taskId()))
                        .filter(TaskRow::settled)
                        .isPresent()) {
            silences.settled(task.taskId());
        }
        step.commands().forEach(command -> carryOut(command, step.next(), refusal));
    }

    private void block(ExperimentRows.Planned planned, String reason) {
        rows.save(new ExperimentRows.Planned(planned.experiment(), planned.journalled(), Optional.of(reason)));
        Experiment experiment = planned.experiment();
        forward(
                Topics.EXPERIMENT_STATUS,
                experiment.id(),
                new ExperimentStatus(
                        experiment.id(),
                        "BLOCKED",
                        reason,
                        experiment.head().requestDigest(),
                        experiment.tasksDone(),
                        experiment.tasks().size(),
                        CommandMapper.priority(experiment.head().priority())));
    }

    private void carryOut(ExperimentCommand command, Experiment experiment, Refusal refusal) {
        switch (command) {
            case ExperimentCommand.IssueTask(TaskRow task) -> issue(task, experiment);
            case ExperimentCommand.AnnounceSoup(SoupRow soup) ->
                forward(
                        soup.global() ? Topics.GLOBAL_SOUP_READY : Topics.LOCAL_SOUP_READY,
                        experiment.id(),
                        new CommandMapper(experiment).announcement(soup));
            case ExperimentCommand.PublishControl control ->
                forward(Topics.EXPERIMENT_CONTROL, experiment.id(), new CommandMapper(experiment).control(control));
            case ExperimentCommand.PublishStatus status ->
                forward(Topics.EXPERIMENT_STATUS, experiment.id(), new CommandMapper(experiment).status(status));
            case ExperimentCommand.RefuseEvent(String reason) -> refusal.because(reason);
        }
    }

    private void issue(TaskRow task, Experiment experiment) {
        CommandMapper mapper = new CommandMapper(experiment);
        boolean high = experiment.head().priority() == Priority.HIGH;
        switch (task.work()) {
            case Work.Trained trained ->
                forward(
                        high ? Topics.TRAINING_TASKS_HIGH : Topics.TRAINING_TASKS,
                        task.id(),
                        mapper.training(task, trained));
            case Work.Preflight _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ ->
                forward(
                        high ? Topics.EVALUATION_TASKS_HIGH : Topics.EVALUATION_TASKS,
                        task.id(),
                        mapper.evaluation(task));
        }
    }

    private <T extends SpecificRecord> T decode(Topic<T> topic, byte[] value) {
        Serde<T> serde = serdes.valuesOf(topic);
        return serde.deserializer().deserialize(topic.name(), value);
    }

    private <T extends SpecificRecord> void forward(Topic<T> topic, String key, T value) {
        byte[] bytes = serdes.valuesOf(topic).serializer().serialize(topic.name(), value);
        context.forward(new Record<>(key, bytes, context.currentSystemTimeMs()), SouperTopology.sink(topic));
    }

    private void deadLetter(
            Record<String, byte[]> record, RecordMetadata origin, String reason, Optional<Throwable> cause) {
        LOG.atError()
                .addKeyValue("topic", origin.topic())
                .addKeyValue("offset", origin.offset())
                .addKeyValue("reason", reason)
                .log("a record went to the dead letters");
        var from =
                new ConsumerRecord<>(origin.topic(), origin.partition(), origin.offset(), record.key(), record.value());
        forward(Topics.DEAD_LETTERS, DeadLetters.key(from), DeadLetters.letter(from, reason, cause, SERVICE));
    }

    private static String stack(Throwable cause) {
        StringWriter text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
