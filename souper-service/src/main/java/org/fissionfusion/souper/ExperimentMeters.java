package org.fissionfusion.souper;

import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.view.EvaluationView;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.core.view.TrainingView;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.Meters;
import org.fissionfusion.runtime.ServiceRole;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures every few seconds what only a souper knows: waiting tasks per queue, tasks by state, tastings. Every souper
 * says the same; a dashboard takes the maximum over them.
 */
final class ExperimentMeters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExperimentMeters.class);
    private static final Duration PACE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ExperimentFollower follower;
    private final Admin admin;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("experiment-meters").factory());

    ExperimentMeters(KafkaClients clients) {
        this.follower = ExperimentFollower.ofAll(clients);
        this.admin = clients.admin();
        var _ = clock.scheduleWithFixedDelay(this::measure, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void measure() {
        try {
            queueDepths();
            experiments();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | ExecutionException | TimeoutException e) {
            // an exception would end the schedule; the next round measures again
            LOG.atWarn().addKeyValue("reason", String.valueOf(e.getMessage())).log("the queues could not be measured");
        }
    }

    /** Records of a work queue that no worker has finished. */
    private void queueDepths() throws InterruptedException, ExecutionException, TimeoutException {
        for (ServiceRole role : ServiceRole.values()) {
            if (role.shareGroup().isEmpty()) {
                continue;
            }
            String group = role.shareGroup().get();
            try {
                admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(group)
                        .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .forEach((partition, found) -> Optional.ofNullable(found) // until a worker has asked for a task
                                .flatMap(SharePartitionOffsetInfo::lag)
                                .ifPresent(lag -> Meters.gauge(
                                        "fissionfusion.queue.depth",
                                        "tasks of a queue that no worker has finished: lag of its share group",
                                        Tags.of("queue", partition.topic(), "group", group),
                                        (double) lag)));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                    throw e;
                }
            }
        }
    }

    private void experiments() {
        List<ExperimentView> views =
                follower.experiments().stream().map(FollowedExperiment::view).toList();
        Map<String, Long> standing = views.stream()
                .collect(Collectors.groupingBy(
                        view -> view.standing().toLowerCase(Locale.ROOT), TreeMap::new, Collectors.counting()));
        standing.forEach((state, count) -> Meters.gauge(
                "fissionfusion.experiments", "experiments by standing", Tags.of("standing", state), (double) count));
        Map<TaskRow.Status, Long> tasks = views.stream()
                .flatMap(view -> Stream.concat(
                        view.trainings().stream().map(TrainingView::status),
                        view.evaluations().stream().map(EvaluationView::status)))
                .collect(Collectors.groupingBy(status -> status, Collectors.counting()));
        for (TaskRow.Status status : TaskRow.Status.values()) {
            Meters.gauge(
                    "fissionfusion.tasks",
                    "tasks of all experiments by state",
                    Tags.of("state", status.name().toLowerCase(Locale.ROOT)),
                    (double) tasks.getOrDefault(status, 0L));
        }
        List<SoupRow.Tasting> tastings = views.stream()
                .flatMap(view -> view.soups().stream())
                .map(SoupView::row)
                .flatMap(soup -> soup.tastings().stream())
                .toList();
        long accepted = tastings.stream().filter(SoupRow.Tasting::accepted).count();
        Meters.gauge("fissionfusion.tastings", "candidates tasted in soups", Tags.empty(), tastings.size());
        Meters.gauge("fissionfusion.tastings.accepted", "candidates that improved their soup", Tags.empty(), (double)
                accepted);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        follower.close();
        try {
            admin.close(PATIENCE);
        } catch (KafkaException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("an admin client did not close");
        }
    }
}
