package org.fissionfusion.souper;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentCommand;
import org.fissionfusion.core.experiment.Reestimation;
import org.fissionfusion.core.experiment.SoupRow;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.Fission;
import org.fissionfusion.core.request.LinearProbe;
import org.fissionfusion.core.view.ExperimentView;
import org.fissionfusion.core.view.SoupView;
import org.fissionfusion.events.ComparedScore;
import org.fissionfusion.events.Comparing;
import org.fissionfusion.events.EarlyStopSpec;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.events.ExperimentControl;
import org.fissionfusion.events.ExperimentStatus;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.MetricName;
import org.fissionfusion.events.Persisting;
import org.fissionfusion.events.Preflight;
import org.fissionfusion.events.Priority;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.Scoring;
import org.fissionfusion.events.Serving;
import org.fissionfusion.events.SoupLevel;
import org.fissionfusion.events.SoupMethod;
import org.fissionfusion.events.SoupReady;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.TastedIngredient;
import org.fissionfusion.events.TrainingTask;

/** What the state machine wants done, as events; everything a worker needs is in its task. */
final class CommandMapper {
    private final Experiment experiment;
    private final ExperimentRequest request;
    private final SoupDocuments documents;

    CommandMapper(Experiment experiment) {
        this.experiment = experiment;
        this.request = experiment.head().request();
        this.documents = new SoupDocuments(experiment);
    }

    ExperimentStatus status(ExperimentCommand.PublishStatus status) {
        return new ExperimentStatus(
                experiment.id(),
                status.phase().name(),
                status.reason(),
                experiment.head().requestDigest(),
                status.tasksDone(),
                status.tasksTotal(),
                priority(experiment.head().priority()));
    }

    static Priority priority(org.fissionfusion.core.experiment.Priority priority) {
        return Priority.valueOf(priority.name());
    }

    ExperimentControl control(ExperimentCommand.PublishControl control) {
        return new ExperimentControl(
                experiment.id(),
                control.paused(),
                control.cancelled(),
                control.selectionClosed().orElse(null),
                priority(control.priority()));
    }

    TrainingTask training(TaskRow task, Work.Trained work) {
        Start start = start(work);
        LinearProbe probe = request.training().linearProbe();
        Fission fission = request.training().fission();
        boolean cyclical = work instanceof Work.Fission;
        return TrainingTask.newBuilder()
                .setExperimentId(experiment.id())
                .setTaskId(task.id())
                .setAttempt(task.attempt())
                .setStage(Stage.valueOf(work.stage().name()))
                .setArchitecture(request.model().architecture())
                .setStartWeights(start.weights())
                .setStartOptimizer(start.optimizer())
                .setTrain(split("train"))
                .setValidation(RequestMapper.split(request.data().stoppingSplit()))
                .setClasses(request.data().classNames().size())
                .setImageSize(request.data().imageSize())
                .setMean(request.data().mean())
                .setStd(request.data().std())
                .setBatchSize(request.training().batchSize())
                .setOptimizer(TrainingMapper.optimizer(request.training().optimizer()))
                .setPrecision(RefinementsMapper.precision(request.training().refinements()))
                .setRefinements(RefinementsMapper.toEvent(request.training().refinements()))
                .setBatchNorm(TrainingMapper.batchNorm(probe))
                .setAugmentation(TrainingMapper.augmentation(work.augmentation()))
                .setSeed(work.seed())
                .setEpochs(epochs(work))
                .setLearningRate(work.learningRate())
                .setMaxLearningRate(cyclical ? fission.maxFor(work.learningRate()) : 0)
                .setMinLearningRate(cyclical ? fission.minFor(work.learningRate()) : 0)
                .setCycle(cyclical ? fission.cycle() : 0)
                .setEarlyStop(earlyStop(work))
                .setFindings(RequestMapper.findings(request.data()))
                .build();
    }

    private record Start(org.fissionfusion.events.StoredFile weights, org.fissionfusion.events.StoredFile optimizer) {}

    private Start start(Work.Trained work) {
        return switch (work) {
            case Work.Probe _ -> new Start(RequestMapper.file(request.model().weights()), null);
            case Work.FineTune _ -> {
                var probe =
                        experiment.head().probe().orElseThrow().ingredients().getFirst();
                yield new Start(RequestMapper.file(probe.file()), null);
            }
            case Work.Fission fission -> {
                CheckpointRow.Saved base =
                        experiment.checkpoints().get(fission.baseId()).saved().orElseThrow();
                yield new Start(
                        RequestMapper.file(base.file()),
                        base.optimizerState().map(RequestMapper::file).orElse(null));
            }
            case Work.Reestimate(String soupId, long _) ->
                new Start(RequestMapper.file(soup(soupId).file().orElseThrow()), null);
        };
    }

    private int epochs(Work.Trained work) {
        return switch (work) {
            case Work.Probe _ -> request.training().linearProbe().epochs();
            case Work.FineTune _ -> request.training().fineTune().epochs();
            case Work.Fission _ -> request.training().fission().epochs();
            case Work.Reestimate _ -> 0;
        };
    }

    private EarlyStopSpec earlyStop(Work.Trained work) {
        return work instanceof Work.FineTune
                ? TrainingMapper.earlyStop(request.training().fineTune())
                : null;
    }

    private org.fissionfusion.events.DataSplit split(String name) {
        return RequestMapper.split(request.data().split(name));
    }

    EvaluationTask evaluation(TaskRow task) {
        return new EvaluationTask(
                experiment.id(),
                task.id(),
                task.attempt(),
                request.model().architecture(),
                request.data().classNames().size(),
                request.data().classNames(),
                request.data().imageSize(),
                request.data().mean(),
                request.data().std(),
                MetricName.valueOf(request.selection().metric().name()),
                request.selection().bootstrapResamples(),
                request.selection().bootstrapSeed(),
                work(task.work()),
                RequestMapper.findings(request.data()));
    }

    private Object work(Work work) {
        return switch (work) {
            case Work.Preflight _ -> new Preflight(RequestMapper.toEvent(request));
            case Work.Score(var recipe, boolean sealedSplits, var soupSoFar) ->
                new Scoring(
                        recipe(recipe),
                        sealedSplits ? sealedSplits() : List.of(split("validation")),
                        recipe.divisor() > 1,
                        soupSoFar.map(RequestMapper::file).orElse(null));
            case Work.Persist(String soupId, boolean reestimated) when reestimated -> persisting(soup(soupId));
            case Work.Persist(String soupId, boolean _) -> {
                SoupRow soup = soup(soupId);
                yield new Persisting(
                        soupId,
                        recipe(soup.recipe().orElseThrow()),
                        soup.weightsDigest(),
                        documents.lineage(soup).toString(),
                        split("validation"));
            }
            case Work.Serve(String soupId) -> {
                SoupRow soup = soup(soupId);
                Ingredient served =
                        new Ingredient(soupId, RequestMapper.file(soup.file().orElseThrow()), soup.weightsDigest());
                yield new Serving(soupId, served, sealedSplits(), documents.served(soup), split("validation"));
            }
            case Work.Compare(List<String> soupIds) -> comparing(soupIds);
            case Work.Trained _ -> throw new IllegalArgumentException("no evaluation: " + work);
        };
    }

    /** The soup's form with other BatchNorm statistics, which is written as the only ingredient of its file. */
    private Persisting persisting(SoupRow soup) {
        Reestimation.Variant variant =
                soup.reestimation().orElseThrow().variant().orElseThrow();
        ObjectNode lineage =
                documents.lineage(soup).put("batchNorm", "reestimated").put("meanWeightsDigest", soup.weightsDigest());
        Ingredient only =
                new Ingredient(soup.id() + "/batch-norm", RequestMapper.file(variant.file()), variant.weightsDigest());
        return new Persisting(
                soup.id(),
                new Recipe(List.of(only), 1),
                variant.weightsDigest(),
                lineage.toString(),
                split("validation"));
    }

    private List<org.fissionfusion.events.DataSplit> sealedSplits() {
        return request.data().sealedSplits().stream().map(RequestMapper::split).toList();
    }

    private SoupRow soup(String id) {
        return experiment.soups().get(id);
    }

    private static Recipe recipe(org.fissionfusion.core.experiment.Recipe recipe) {
        return new Recipe(
                recipe.ingredients().stream()
                        .map(one -> new Ingredient(one.id(), RequestMapper.file(one.file()), one.weightsDigest()))
                        .toList(),
                recipe.divisor());
    }

    /** Strategies against the best single model and the plain greedy soup, where the request has them. */
    private Comparing comparing(List<String> soupIds) {
        List<ComparedScore> scores = new ArrayList<>();
        List<String> baselines = new ArrayList<>();
        for (String id : soupIds) {
            SoupRow soup = soup(id);
            soup.scores()
                    .forEach(score -> scores.add(new ComparedScore(
                            soup.strategy(), score.split(), RequestMapper.file(score.predictions()))));
            if (soup.strategy().equals("best") || soup.strategy().equals("greedy")) {
                baselines.add(soup.strategy());
            }
        }
        return new Comparing(baselines, scores);
    }

    /** The cost is that of the view, the soups below included, so that an announcement and results.json agree. */
    SoupReady announcement(SoupRow soup) {
        SoupView behind = ExperimentView.of(experiment).soups().stream()
                .filter(view -> view.row().id().equals(soup.id()))
                .findFirst()
                .orElseThrow();
        return new SoupReady(
                experiment.id(),
                soup.id(),
                soup.strategy(),
                soup.global() ? SoupLevel.GLOBAL : SoupLevel.LOCAL,
                soup.group(),
                SoupMethod.valueOf(soup.method().name()),
                recipe(soup.recipe().orElseThrow()),
                soup.tastings().stream()
                        .map(tasting -> new TastedIngredient(
                                tasting.id(),
                                tasting.score().orElse(null),
                                tasting.p().orElse(null),
                                tasting.accepted()))
                        .toList(),
                RequestMapper.file(soup.file().orElseThrow()),
                soup.weightsDigest(),
                soup.scores().stream().map(EventMapper::score).toList(),
                soup.document().map(RequestMapper::file).orElse(null),
                behind.passes(),
                behind.epochs(),
                documents.labels(soup),
                soup.servesReestimated());
    }
}
