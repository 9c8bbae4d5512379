package org.fissionfusion.core.experiment;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestException;
import org.fissionfusion.core.request.RequestRules;

/**
 * The state of one experiment: a head and rows. {@link #step} is the only mutator; it is total and pure.
 *
 * @param divergences results that repeated an id with other content; recorded, never used
 */
public record Experiment(
        Head head,
        SortedMap<String, TaskRow> tasks,
        SortedMap<String, CheckpointRow> checkpoints,
        SortedMap<String, SoupRow> soups,
        List<String> divergences) {
    public Experiment {
        tasks = Collections.unmodifiableSortedMap(tasks);
        checkpoints = Collections.unmodifiableSortedMap(checkpoints);
        soups = Collections.unmodifiableSortedMap(soups);
        divergences = List.copyOf(divergences);
    }

    /**
     * The small part that most events touch.
     *
     * @param budgetSpent true once no new training task is issued
     * @param selectionClosed digest over the selected soups, present once test and OOD sets may be read
     */
    public record Head(
            ExperimentRequest request,
            String requestDigest,
            Phase phase,
            String reason,
            boolean paused,
            boolean budgetSpent,
            Optional<String> selectionClosed,
            Optional<Recipe> probe,
            Priority priority) {
        public Head {
            priority = priority == null ? Priority.NORMAL : priority; // a row from before there were priorities
        }

        Head with(Phase phase, String reason) {
            return new Head(
                    request, requestDigest, phase, reason, paused, budgetSpent, selectionClosed, probe, priority);
        }

        Head paused(boolean paused) {
            return new Head(
                    request, requestDigest, phase, reason, paused, budgetSpent, selectionClosed, probe, priority);
        }

        Head withBudgetSpent() {
            return new Head(request, requestDigest, phase, reason, paused, true, selectionClosed, probe, priority);
        }

        Head closed(String digest) {
            return new Head(
                    request, requestDigest, phase, reason, paused, budgetSpent, Optional.of(digest), probe, priority);
        }

        Head prioritized(Priority given) {
            return new Head(request, requestDigest, phase, reason, paused, budgetSpent, selectionClosed, probe, given);
        }

        Head probed(Ingredient probe) {
            Recipe start = new Recipe(List.of(probe));
            return new Head(
                    request,
                    requestDigest,
                    phase,
                    reason,
                    paused,
                    budgetSpent,
                    selectionClosed,
                    Optional.of(start),
                    priority);
        }
    }

    /** The planned experiment of a new request; one that breaks a rule is refused and plans nothing. */
    static Experiment planned(ExperimentRequest request) {
        Head head = new Head(
                request,
                request.digest(),
                Phase.PREFLIGHT,
                "",
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Priority.NORMAL);
        try {
            RequestRules.check(request);
        } catch (RequestException e) {
            Head refused = head.with(Phase.REFUSED, e.getMessage());
            return new Experiment(refused, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), List.of());
        }
        return new Experiment(head, Plan.tasks(request), Plan.checkpoints(request), Plan.soups(request), List.of());
    }

    /**
     * Applies one event.
     *
     * @param state the experiment so far, empty when none of this id was requested yet
     */
    public static Step step(Optional<Experiment> state, ExperimentEvent event) {
        if (state.isEmpty()) {
            return switch (event) {
                case ExperimentEvent.Requested(ExperimentRequest request) -> new Transition(planned(request)).begin();
                case ExperimentEvent.Cancelled _,
                        ExperimentEvent.Paused _,
                        ExperimentEvent.Resumed _,
                        ExperimentEvent.Prioritized _,
                        ExperimentEvent.OfTask _ ->
                    new Step(
                            null,
                            false,
                            List.of(new ExperimentCommand.RefuseEvent("no experiment of this id was requested")));
            };
        }
        if (event instanceof ExperimentEvent.Requested(ExperimentRequest request)
                && state.get().givesWayTo(request)) {
            return new Transition(planned(request).after(state.get())).begin();
        }
        return new Transition(state.get()).apply(event);
    }

    /** A request that was refused leaves its id to the one that is mended. */
    private boolean givesWayTo(ExperimentRequest request) {
        return head.phase() == Phase.REFUSED && !head.requestDigest().equals(request.digest());
    }

    /** Attempts are counted on: what is still said of the refused experiment's is no answer to this one's. */
    private Experiment after(Experiment refused) {
        SortedMap<String, TaskRow> numbered = new TreeMap<>(tasks);
        numbered.replaceAll((id, row) -> {
            TaskRow before = refused.tasks().get(id);
            return before == null ? row : row.numbered(before.attempt() + 1);
        });
        return new Experiment(head, numbered, checkpoints, soups, divergences);
    }

    /** The id of the experiment. */
    public String id() {
        return head.request().experimentId();
    }

    /** How many tasks are settled. */
    public int tasksDone() {
        return (int) tasks.values().stream().filter(TaskRow::settled).count();
    }
}
