package org.fissionfusion.core.retention;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.fissionfusion.core.experiment.EvaluationSummary;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.Ingredient;
import org.fissionfusion.core.experiment.Recipe;
import org.fissionfusion.core.experiment.Reestimation;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.SplitScore;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.ScriptedArchitecture;

/**
 * The objects that a served soup or a running experiment needs.
 *
 * <ul>
 *   <li>A served soup needs its file, its result document, its predictions and the files of its ingredients down to the
 *       checkpoints, so that it can be made again and checked.
 *   <li>An experiment that has ended needs its documents.
 *   <li>A running experiment needs every file it names, and all that lies below its own id.
 * </ul>
 *
 * @param keys of single objects
 * @param prefixes of which everything is needed
 * @param anythingRuns true while an experiment has not ended: what was computed once may be asked for again
 */
public record Needed(Set<String> keys, Set<String> prefixes, boolean anythingRuns) {

    /** Where workers keep what belongs to a task; the id of the task, which begins with the experiment's, follows. */
    private static final List<String> OF_TASKS = List.of("state/", "outcomes/training/", "outcomes/evaluation/");

    public Needed {
        keys = Set.copyOf(keys);
        prefixes = Set.copyOf(prefixes);
    }

    /**
     * What these need.
     *
     * @param experiments everything that was ever requested
     * @param waiting requests that no planner has seen yet
     */
    public static Needed by(Collection<Experiment> experiments, Collection<ExperimentRequest> waiting) {
        Collector collector = new Collector();
        experiments.forEach(collector::experiment);
        waiting.forEach(collector::running);
        return new Needed(collector.keys, collector.prefixes, !collector.prefixes.isEmpty());
    }

    /** True when the object must stay. */
    public boolean covers(String key) {
        return keys.contains(key) || prefixes.stream().anyMatch(key::startsWith);
    }

    private static final class Collector {
        private final Set<String> keys = new TreeSet<>();
        private final Set<String> prefixes = new TreeSet<>();

        void experiment(Experiment experiment) {
            experiment.tasks().values().stream()
                    .flatMap(task -> task.evaluation().stream())
                    .flatMap(evaluation -> evaluation.document().stream())
                    .forEach(document -> keys.add(document.key()));
            if (experiment.head().phase().isFinal()) {
                Set<String> visited = new HashSet<>();
                experiment.soups().values().stream()
                        .filter(soup -> soup.status() == SoupRow.Status.SERVED)
                        .forEach(soup -> served(experiment, soup, visited));
                if (!visited.isEmpty()) {
                    script(experiment.head().request());
                }
            } else {
                running(experiment.head().request());
                experiment.head().probe().ifPresent(this::recipe);
                experiment.checkpoints().values().forEach(row -> {
                    row.saved().ifPresent(saved -> {
                        keys.add(saved.file().key());
                        saved.optimizerState().ifPresent(state -> keys.add(state.key()));
                    });
                    scores(row.scores());
                });
                experiment.soups().values().forEach(this::soup);
                experiment.tasks().values().forEach(this::task);
            }
        }

        /** The program of a soup's network, without which its weights say nothing. */
        private void script(ExperimentRequest request) {
            ScriptedArchitecture.of(request.model().architecture()).ifPresent(script -> keys.add(script.key()));
        }

        void running(ExperimentRequest request) {
            keys.add(request.model().weights().key());
            script(request);
            for (DataSplit split : request.data().splits()) {
                keys.add(split.file().key());
            }
            OF_TASKS.forEach(prefix -> prefixes.add(prefix + request.experimentId() + "/"));
        }

        private void served(Experiment experiment, SoupRow soup, Set<String> visited) {
            if (!visited.add(soup.id())) {
                return;
            }
            soup(soup);
            soup.recipe().ifPresent(recipe -> {
                for (Ingredient ingredient : recipe.ingredients()) {
                    SoupRow lower = experiment.soups().get(ingredient.id());
                    if (lower != null) {
                        served(experiment, lower, visited);
                    }
                }
            });
        }

        private void soup(SoupRow soup) {
            soup.file().ifPresent(file -> keys.add(file.key()));
            soup.document().ifPresent(document -> keys.add(document.key()));
            soup.recipe().ifPresent(this::recipe);
            scores(soup.scores());
            soup.reestimation().ifPresent(it -> {
                variant(it.plain());
                it.variant().ifPresent(this::variant);
            });
        }

        private void variant(Reestimation.Variant variant) {
            keys.add(variant.file().key());
            scores(variant.scores());
        }

        private void task(TaskRow task) {
            task.evaluation().ifPresent(this::evaluation);
        }

        private void evaluation(EvaluationSummary evaluation) {
            evaluation.file().ifPresent(file -> keys.add(file.key()));
            scores(evaluation.scores());
        }

        private void recipe(Recipe recipe) {
            recipe.ingredients()
                    .forEach(ingredient -> keys.add(ingredient.file().key()));
        }

        private void scores(List<SplitScore> scores) {
            scores.forEach(score -> keys.add(score.predictions().key()));
        }
    }
}
