package org.fissionfusion.evaluator;

import java.time.Duration;
import org.fissionfusion.events.EvaluationTask;
import org.fissionfusion.runtime.ConfigException;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.runtime.WorkerService;
import org.fissionfusion.runtime.Workplace;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.model.DeviceUnavailableException;
import org.fissionfusion.vision.model.TorchEngine;

/** An evaluator: takes evaluation tasks from the share group {@value #GROUP}, one at a time. */
public final class EvaluatorService {
    /** The share group of all evaluators. */
    public static final String GROUP = "evaluators";

    /** How long a task on sealed splits waits for the record that opens them. */
    private static final Duration SEAL_PATIENCE = Duration.ofSeconds(30);

    private EvaluatorService() {}

    /**
     * How much memory an evaluator may keep between tasks.
     *
     * @param imageBytes prepared images of the splits last scored
     * @param sumBytes running sums of the soups last tasted
     */
    public record Limits(long imageBytes, long sumBytes) {
        public static final Limits DEFAULT = new Limits(512L << 20, 256L << 20);
    }

    /** An evaluator with the default limits. */
    public static WorkerService<EvaluationTask> of(ServiceConfig config) {
        return of(config, Limits.DEFAULT);
    }

    public static WorkerService<EvaluationTask> of(ServiceConfig config, Limits limits) {
        return new WorkerService<>(
                config,
                new WorkerService.Queue<>(Topics.EVALUATION_TASKS, Topics.EVALUATION_TASKS_HIGH, GROUP),
                place -> new EvaluationWorker(
                        place.settings().name(),
                        place.store(),
                        place.format(),
                        Evaluation.over(place.store(), place.settings().threads(), limits, sealed(place)),
                        place.reports()));
    }

    private static SealedSplits sealed(Workplace place) {
        return new SealedSplits(
                (experiment, patience) ->
                        place.control().await(experiment, row -> row.getSelectionClosed() != null, patience),
                SEAL_PATIENCE);
    }

    /**
     * Starts an evaluator in a process of its own. Its threads score batches at the same time, with one thread per
     * operation each, so that their number changes no score.
     *
     * @throws ConfigException when the engine cannot compute on the configured device
     */
    public static WorkerService<EvaluationTask> launch(ServiceConfig config) {
        String device = config.worker().device();
        try {
            TorchEngine.start(1, device);
        } catch (DeviceUnavailableException e) {
            throw new ConfigException("worker.device", device, "a device of this machine; " + e.getMessage());
        }
        return of(config).start();
    }

    /** Runs an evaluator until the process is stopped; see {@link ServiceProcess}. */
    public static void main(String[] arguments) {
        System.exit(ServiceProcess.run(ServiceRole.EVALUATOR, arguments, EvaluatorService::launch));
    }
}
