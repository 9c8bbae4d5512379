package org.fissionfusion.local.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.fissionfusion.core.experiment.Phase;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.events.ExperimentCancelled;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.ExperimentPaused;
import org.fissionfusion.events.ExperimentPrioritized;
import org.fissionfusion.events.ExperimentResumed;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Priority;
import org.fissionfusion.local.run.RunRefused;
import org.fissionfusion.runtime.EventPublisher;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.souper.RequestMapper;

/** Asks the souper for something, and waits until it says that it is so. */
public final class Commands {
    private final KafkaClients clients;
    private final Duration patience;

    /** @param patience how long the souper may take to answer */
    public Commands(KafkaClients clients, Duration patience) {
        this.clients = clients;
        this.patience = patience;
    }

    /**
     * Asks for an experiment; asking again for the same changes nothing. A request that was refused leaves its id to
     * another one.
     *
     * @return where it stands
     * @throws RunRefused when another request has its id
     */
    public ExperimentStatus submit(ExperimentRequest request) throws RunRefused, InterruptedException {
        String id = request.experimentId();
        String digest = request.digest();
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients, Topics.EXPERIMENT_STATUS)) {
            Optional<ExperimentStatus> known = statuses.row(id);
            boolean mended = known.filter(status -> status.getPhase().equals(Phase.REFUSED.name()))
                    .filter(status -> !status.getRequestDigest().equals(digest))
                    .isPresent();
            if (known.isEmpty() || mended) {
                publish(id, RequestMapper.toEvent(request));
            }
            ExperimentStatus status = answered(
                    statuses, id, row -> !mended || row.getRequestDigest().equals(digest));
            if (!status.getRequestDigest().equals(digest)) {
                throw new RunRefused("experiment " + id + " is taken by another request (" + status.getRequestDigest()
                        + ", this one is " + digest + "); choose another id");
            }
            return status;
        }
    }

    /** Ends the experiment. */
    public ExperimentStatus cancel(String id, String reason) throws RunRefused, InterruptedException {
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients, Topics.EXPERIMENT_STATUS)) {
            ExperimentStatus known = known(statuses, id);
            if (Ends.reached(known)) {
                return known;
            }
            publish(id, new ExperimentCancelled(reason));
            return answered(statuses, id, Ends::reached);
        }
    }

    /** Holds or continues the experiment; tasks under way are handed back at their next step. */
    public ExperimentStatus pause(String id, boolean paused) throws RunRefused, InterruptedException {
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients, Topics.EXPERIMENT_STATUS);
                LatestRows<ExperimentControl> controls = LatestRows.read(clients, Topics.EXPERIMENT_CONTROL)) {
            ExperimentStatus known = known(statuses, id);
            if (Ends.reached(known)) {
                throw new RunRefused("experiment " + id + " has ended: " + known.getPhase());
            }
            publish(id, paused ? new ExperimentPaused() : new ExperimentResumed());
            answered(controls, id, row -> row.getPaused() == paused);
            return statuses.row(id).orElse(known);
        }
    }

    /** Gives the experiment a priority; what is under way for others gives way to tasks of high priority. */
    public ExperimentStatus prioritize(String id, Priority priority) throws RunRefused, InterruptedException {
        try (LatestRows<ExperimentStatus> statuses = LatestRows.read(clients, Topics.EXPERIMENT_STATUS)) {
            ExperimentStatus known = known(statuses, id);
            if (Ends.reached(known)) {
                throw new RunRefused("experiment " + id + " has ended: " + known.getPhase());
            }
            publish(id, new ExperimentPrioritized(priority));
            return answered(statuses, id, status -> status.getPriority() == priority || Ends.reached(status));
        }
    }

    private static ExperimentStatus known(LatestRows<ExperimentStatus> statuses, String id) throws RunRefused {
        return statuses.row(id)
                .orElseThrow(() -> new RunRefused("there is no experiment " + id + "; `fissionfusion list` shows all"));
    }

    private void publish(String id, Object command) {
        try (EventPublisher publisher = new EventPublisher(clients)) {
            publisher.publish(Topics.EXPERIMENT_COMMANDS, id, new ExperimentCommand(id, command));
        }
    }

    private <T extends SpecificRecord> T answered(LatestRows<T> rows, String id, Predicate<T> wanted)
            throws InterruptedException {
        return rows.await(id, wanted, patience)
                .orElseThrow(() -> new KafkaException("the command for " + id
                        + " is published, but no souper has answered within " + patience.toSeconds()
                        + " s: is one running, and are there dead letters?"));
    }
}
