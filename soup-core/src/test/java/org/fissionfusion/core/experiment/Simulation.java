package org.fissionfusion.core.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.fissionfusion.core.metric.Interval;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft.ResolvedFiles;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.core.request.Selection;
import org.fissionfusion.core.request.StoredFile;

/**
 * Workers without models: weights are texts, a score is a hash of the weights. Delivers results in a seeded random
 * order, some twice, some late.
 */
class Simulation {
    private final Random random;
    private final Set<String> broken;
    private final List<ExperimentEvent> inbox = new ArrayList<>();
    final List<ExperimentCommand> commands = new ArrayList<>();
    Experiment experiment;
    private String miswritten = "";
    private String altered = "";
    private String diverging = "";
    private boolean troubled;
    private Optional<Class<? extends Work>> unanswered = Optional.empty();

    Simulation(long seed, Set<String> broken) {
        this.random = new Random(seed);
        this.broken = broken;
    }

    Simulation writingOtherWeightsFor(String soupId) {
        miswritten = soupId;
        return this;
    }

    /** This training diverges in its fourth epoch. */
    Simulation diverging(String taskId) {
        diverging = taskId;
        return this;
    }

    /** The file of this checkpoint is altered after it was scored: whatever reads it again fails and says so. */
    Simulation altering(String checkpointId) {
        altered = checkpointId;
        return this;
    }

    /** Attempts fail, go silent and are handed back, at most twice each; some of their results come late all the same. */
    Simulation troubled() {
        troubled = true;
        return this;
    }

    /** Never answers tasks of this kind. */
    Simulation stoppingBefore(Class<? extends Work> kind) {
        unanswered = Optional.of(kind);
        return this;
    }

    static ExperimentRequest request(String... strategies) {
        return resolved(tree(strategies));
    }

    static ExperimentRequest reestimating(String... strategies) {
        return reestimating(Double.MAX_VALUE, strategies);
    }

    /** @param seconds of the budget */
    static ExperimentRequest reestimating(double seconds, String... strategies) {
        ObjectNode tree = tree(strategies);
        tree.withObject("/selection").put("reestimateBatchNorm", true);
        tree.putObject("budget").put("maxGpuSeconds", seconds);
        return resolved(tree);
    }

    static ExperimentRequest budgeted(double seconds, String... strategies) {
        ObjectNode tree = tree(strategies);
        tree.putObject("budget").put("maxGpuSeconds", seconds);
        return resolved(tree);
    }

    private static ObjectNode tree(String... strategies) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode tree = json.objectNode();
        tree.put("experiment", "exp-1");
        tree.putObject("model").put("architecture", "resnet20").put("weights", "w.safetensors");
        tree.putObject("data")
                .put("inDomain", "d.npz")
                .put("imageSize", 32)
                .putObject("outOfDomain")
                .put("nih", "o.npz");
        tree.putObject("selection").put("metric", "macro-f1");
        ObjectNode training = tree.putObject("training");
        training.putObject("linearProbe").put("epochs", 2);
        ArrayNode rates = training.putObject("fineTune").put("epochs", 4).putArray("learningRates");
        rates.add("1e-3").add(5e-4).add(1e-4).add(5e-5);
        training.putObject("fission").put("epochs", 5).put("cycle", 4);
        ObjectNode grid = training.putObject("gridSearch");
        grid.putArray("augmentations").add("minimal").add("heavy");
        grid.putArray("seeds").add(0).add(1);
        ArrayNode names = tree.putArray("strategies");
        for (String strategy : strategies) {
            names.add(strategy);
        }
        return tree;
    }

    private static ExperimentRequest resolved(ObjectNode tree) {
        return RequestReader.read(tree)
                .resolve(new ResolvedFiles(
                        file("weights"),
                        List.of(
                                new DataSplit("train", file("train"), false),
                                new DataSplit("validation", file("validation"), false),
                                new DataSplit("test", file("test"), true),
                                new DataSplit("nih", file("nih"), true)),
                        List.of("normal", "pneumonia"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    /** The same request with acceptance by paired bootstrap. */
    static ExperimentRequest comparing(ExperimentRequest request, double level) {
        Selection before = request.selection();
        Selection selection = new Selection(
                before.metric(),
                new Selection.PairedBootstrap(level),
                before.paperRanking(),
                before.sealedCheckpointScores(),
                before.bootstrapResamples(),
                before.bootstrapSeed(),
                before.reestimateBatchNorm());
        return new ExperimentRequest(
                request.experimentId(),
                request.model(),
                request.data(),
                selection,
                request.training(),
                request.leakage(),
                request.strategies(),
                request.maxGpuSeconds());
    }

    static StoredFile file(String name) {
        return new StoredFile("x/" + name, Recipe.sha256(name), name.length());
    }

    Experiment run(ExperimentRequest request) {
        send(new ExperimentEvent.Requested(request));
        while (!inbox.isEmpty()) {
            ExperimentEvent event = inbox.remove(random.nextInt(inbox.size()));
            send(event);
            if (random.nextInt(4) == 0) {
                send(event);
            }
            if (random.nextInt(10) == 0) {
                inbox.add(event);
            }
        }
        return experiment;
    }

    void send(ExperimentEvent event) {
        Step step = Experiment.step(Optional.ofNullable(experiment), event);
        experiment = step.next();
        for (ExperimentCommand command : step.commands()) {
            commands.add(command);
            if (command instanceof ExperimentCommand.IssueTask(TaskRow task)) {
                work(task);
            }
        }
    }

    /** @return true when the attempt is lost and its results with it */
    private boolean trouble(TaskRow task) {
        if (!troubled || task.attempts().size() >= 2 || random.nextInt(3) > 0) {
            return false;
        }
        String worker = "w" + random.nextInt(8);
        inbox.add(
                switch (random.nextInt(3)) {
                    case 0 ->
                        new ExperimentEvent.TaskFailed(
                                task.id(),
                                task.attempt(),
                                worker,
                                "broken",
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                1);
                    case 1 -> new ExperimentEvent.TaskSilent(task.id(), task.attempt(), worker, false, 1);
                    default -> new ExperimentEvent.TaskReturned(task.id(), task.attempt(), worker, "stopped", 1);
                });
        return random.nextBoolean();
    }

    private void work(TaskRow task) {
        if (trouble(task)
                || unanswered.filter(kind -> kind.isInstance(task.work())).isPresent()) {
            return;
        }
        if (broken.contains(task.id())) {
            inbox.add(new ExperimentEvent.TaskFailed(
                    task.id(), task.attempt(), "w", "broken", false, Optional.empty(), Optional.empty(), 1));
            return;
        }
        if (task.id().equals(diverging)) {
            TrainingSummary before = new TrainingSummary(3, 75, 1, false, List.of(), Map.of());
            inbox.add(new ExperimentEvent.TaskFailed(
                    task.id(), task.attempt(), "w", "diverged", true, Optional.empty(), Optional.of(before), 1));
            return;
        }
        if (readsAltered(task.work())) {
            inbox.add(new ExperimentEvent.TaskFailed(
                    task.id(),
                    task.attempt(),
                    "w",
                    "altered",
                    true,
                    Optional.of(file(altered).key()),
                    Optional.empty(),
                    1));
            return;
        }
        switch (task.work()) {
            case Work.Probe _ -> {
                checkpoint(task, task.id(), 0);
                completed(task, 2);
            }
            case Work.FineTune _ -> {
                checkpoint(task, task.id(), 0);
                completed(task, 4);
            }
            case Work.Fission fission -> {
                checkpoint(task, fission.baseId() + "/cycle=1", 1);
                checkpoint(task, fission.baseId() + "/cycle=2", 2);
                completed(task, 5);
            }
            case Work.Reestimate(String soupId, long _) -> {
                String weights = reestimated(experiment.soups().get(soupId).weightsDigest());
                inbox.add(new ExperimentEvent.CheckpointSaved(
                        task.id(),
                        task.attempt(),
                        "w",
                        task.id(),
                        0,
                        new CheckpointRow.Saved(0, file(task.id()), weights, Optional.empty(), 0)));
                completed(task, 0);
            }
            case Work.Score(Recipe recipe, boolean sealed, Optional<StoredFile> soupSoFar) ->
                evaluated(
                        task,
                        weights(recipe),
                        sealed ? List.of("test", "nih") : List.of("validation"),
                        soupSoFar.map(file -> p(predictions(weights(recipe), "validation"), file)),
                        Optional.empty());
            case Work.Persist(String soupId, boolean reestimated)
            when reestimated ->
                evaluated(
                        task,
                        reestimated(experiment.soups().get(soupId).weightsDigest()),
                        List.of(),
                        Optional.empty(),
                        Optional.of(file(soupId + "/reestimated")));
            case Work.Persist(String soupId, boolean _) -> {
                String weights = weights(experiment.soups().get(soupId).recipe().orElseThrow());
                String written = soupId.equals(miswritten) ? Recipe.sha256("other") : weights;
                evaluated(task, written, List.of(), Optional.empty(), Optional.of(file(soupId)));
            }
            case Work.Serve(String soupId) ->
                evaluated(
                        task,
                        experiment.soups().get(soupId).weightsDigest(),
                        List.of("test", "nih"),
                        Optional.empty(),
                        Optional.empty());
            case Work.Preflight _, Work.Compare _ -> evaluated(task, "", List.of(), Optional.empty(), Optional.empty());
        }
    }

    private boolean readsAltered(Work work) {
        Optional<Recipe> recipe = switch (work) {
            case Work.Score score when score.recipe().divisor() > 1 -> Optional.of(score.recipe());
            case Work.Persist(String soupId, boolean reestimated)
            when !reestimated -> experiment.soups().get(soupId).recipe();
            default -> Optional.empty();
        };
        return recipe.stream()
                .flatMap(it -> it.ingredients().stream())
                .anyMatch(one -> one.id().equals(altered));
    }

    /** The weights of a soup with other BatchNorm statistics. */
    static String reestimated(String soup) {
        return Recipe.sha256("batch norm of " + soup);
    }

    static String weights(Recipe recipe) {
        return recipe.divisor() == 1 ? recipe.ingredients().getFirst().weightsDigest() : Recipe.sha256(recipe.key());
    }

    static double score(String weights, String split) {
        // few distinct values, so that ties happen
        return Math.floorMod(Recipe.sha256(weights + split).hashCode(), 97) / 100.0;
    }

    static StoredFile predictions(String weights, String split) {
        return file(weights + split);
    }

    /** A hash, like the scores: of the two files and their order. */
    static double p(StoredFile candidate, StoredFile soupSoFar) {
        return Math.floorMod(
                        Recipe.sha256(candidate.sha256() + soupSoFar.sha256()).hashCode(), 97)
                / 100.0;
    }

    private void checkpoint(TaskRow task, String id, int cycle) {
        inbox.add(new ExperimentEvent.CheckpointSaved(
                task.id(),
                task.attempt(),
                "w",
                id,
                cycle,
                new CheckpointRow.Saved(1, file(id), Recipe.sha256(id), Optional.of(file(id + "/optimizer")), 0.5)));
    }

    private void completed(TaskRow task, int epochs) {
        inbox.add(new ExperimentEvent.TrainingCompleted(
                task.id(), task.attempt(), "w", new TrainingSummary(epochs, 100, 1, false, List.of(), Map.of()), 1));
    }

    private void evaluated(
            TaskRow task, String weights, List<String> splits, Optional<Double> p, Optional<StoredFile> file) {
        List<SplitScore> scores = splits.stream()
                .map(split -> {
                    double value = score(weights, split);
                    return new SplitScore(
                            split,
                            Map.of("macro-f1", new Interval(value, value, value)),
                            1 - value,
                            10,
                            List.of(),
                            List.of(),
                            List.of(),
                            predictions(weights, split));
                })
                .toList();
        boolean documented = task.work() instanceof Work.Serve || task.work() instanceof Work.Compare;
        Optional<StoredFile> document = documented ? Optional.of(file(task.id() + ".json")) : Optional.empty();
        inbox.add(new ExperimentEvent.EvaluationCompleted(
                task.id(), task.attempt(), "w", new EvaluationSummary(weights, scores, p, file, document, 1, 10), 1));
    }

    Set<String> announced() {
        Set<String> ids = new HashSet<>();
        commands.forEach(command -> {
            if (command instanceof ExperimentCommand.AnnounceSoup(SoupRow soup) && !ids.add(soup.id())) {
                throw new AssertionError(soup.id() + " is announced twice");
            }
        });
        return ids;
    }
}
