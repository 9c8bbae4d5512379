package org.fissionfusion.core.experiment;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.GridSearch;
import org.fissionfusion.core.request.Training;

/**
 * The cost ledger (method.md section 1).
 *
 * @param plannedEpochs fine-tuning and fission epochs of the fission pool
 * @param spentEpochs those really trained
 * @param plannedGridEpochs epochs of the request's grid, or of rates × 3 augmentations × 2 seeds
 * @param spentGridEpochs epochs trained for the grid-search pool alone
 * @param ratio plannedGridEpochs ÷ plannedEpochs
 * @param seconds by stage: linear-probe, fine-tune, fission, batch-norm, evaluation; of the attempts that counted
 * @param workerSeconds what the budget counts: see {@link #workerSeconds(Collection)}
 */
public record Cost(
        int plannedEpochs,
        int spentEpochs,
        int probeEpochs,
        int plannedGridEpochs,
        int spentGridEpochs,
        double ratio,
        long images,
        Map<String, Double> seconds,
        double workerSeconds) {
    private static final int PAPER_AUGMENTATIONS = 3;
    private static final int PAPER_SEEDS = 2;

    /** The ledger of an experiment so far. */
    public static Cost of(Experiment experiment) {
        ExperimentRequest request = experiment.head().request();
        int spent = 0;
        int spentGrid = 0;
        int probe = 0;
        long images = 0;
        Map<String, Double> seconds = new TreeMap<>();
        for (TaskRow row : experiment.tasks().values()) {
            row.evaluation().ifPresent(done -> seconds.merge("evaluation", done.seconds(), Double::sum));
            if (row.training().isEmpty() || !(row.work() instanceof Work.Trained trained)) {
                continue;
            }
            TrainingSummary done = row.training().get();
            images += done.images();
            seconds.merge(trained.stage().wireName(), done.seconds(), Double::sum);
            switch (trained) {
                case Work.Probe _ -> probe += done.epochs();
                case Work.Fission _ -> spent += done.epochs();
                case Work.Reestimate _ -> {}
                case Work.FineTune fineTune -> {
                    if (fineTune.inFissionPool()) {
                        spent += done.epochs();
                    } else {
                        spentGrid += done.epochs();
                    }
                }
            }
        }
        int planned = plannedEpochs(request.training());
        int grid = plannedGridEpochs(request.training());
        return new Cost(
                planned,
                spent,
                probe,
                grid,
                spentGrid,
                (double) grid / planned,
                images,
                seconds,
                workerSeconds(experiment.tasks().values()));
    }

    /**
     * Seconds that workers have spent with a network on their device, whatever device that is: training and scoring, in
     * every attempt that has ended, failed, silent and returned ones as far as their time is known. Checking a request,
     * writing files and comparing predictions need no accelerator and are not counted.
     */
    static double workerSeconds(Collection<TaskRow> tasks) {
        return tasks.stream()
                .filter(row -> switch (row.work()) {
                    case Work.Trained _, Work.Score _, Work.Serve _ -> true;
                    case Work.Preflight _, Work.Persist _, Work.Compare _ -> false;
                })
                .flatMap(row -> row.attempts().stream())
                .mapToDouble(Attempt::seconds)
                .sum();
    }

    /** Fine-tuning and fission epochs of the fission pool. */
    public static int plannedEpochs(Training training) {
        return training.fineTune().learningRates().size()
                * (training.fineTune().epochs() + training.fission().epochs());
    }

    /** Epochs of the grid search that the fission pool replaces. */
    public static int plannedGridEpochs(Training training) {
        int perRate = training.gridSearch().map(Cost::settings).orElse(PAPER_AUGMENTATIONS * PAPER_SEEDS);
        return training.fineTune().learningRates().size()
                * perRate
                * training.fineTune().epochs();
    }

    private static int settings(GridSearch grid) {
        return grid.augmentations().size() * grid.seeds().size();
    }
}
