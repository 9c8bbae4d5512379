package org.fissionfusion.trainer;

import java.io.IOException;
import java.nio.file.Path;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.WorkerService;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.model.TorchEngine;

/** A trainer: takes training tasks from the share group {@value #GROUP}, one at a time. */
public final class TrainerService {
    /** The share group of all trainers. */
    public static final String GROUP = "trainers";

    private TrainerService() {}

    /** A trainer that keeps the files of its running task in the system's folder for temporary files. */
    public static WorkerService<TrainingTask> of(ServiceConfig config) {
        return of(config, Path.of(System.getProperty("java.io.tmpdir"), "fissionfusion-trainer"));
    }

    /** @param scratch folder for the files of the running task; nothing there is needed after it */
    public static WorkerService<TrainingTask> of(ServiceConfig config, Path scratch) {
        return new WorkerService<>(
                config,
                new WorkerService.Queue<>(Topics.TRAINING_TASKS, GROUP),
                place -> new TrainingWorker(
                        new TrainingWorker.Bench(
                                place.settings().name(),
                                place.store(),
                                place.format(),
                                scratch,
                                place.settings().threads()),
                        place.reports()));
    }

    /** Runs a trainer until the process is stopped; the argument is a properties file, the environment wins. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        ServiceProcess.run(arguments, config -> {
            TorchEngine.start(config.worker().threads());
            return of(config).start();
        });
    }
}
