package org.fissionfusion.trainer;

import java.nio.file.Path;
import java.util.List;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.ConfigException;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.ObjectStores;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceProcess;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.runtime.WorkerService;
import org.fissionfusion.schemas.Topics;
import org.fissionfusion.vision.model.DeviceUnavailableException;
import org.fissionfusion.vision.model.TorchEngine;

/** A trainer: takes training tasks from the share group {@value #GROUP}, one at a time. */
public final class TrainerService {
    /** The share group of all trainers. */
    public static final String GROUP = "trainers";

    private TrainerService() {}

    /** A trainer that keeps the files of its running task in its configured folder. */
    public static WorkerService<TrainingTask> of(ServiceConfig config) {
        return of(config, config.worker().folder());
    }

    /** @param scratch folder for the files of the running task; nothing there is needed after it */
    public static WorkerService<TrainingTask> of(ServiceConfig config, Path scratch) {
        return new WorkerService<>(
                config,
                new WorkerService.Queue<>(Topics.TRAINING_TASKS, Topics.TRAINING_TASKS_HIGH, GROUP),
                place -> new TrainingWorker(
                        new TrainingWorker.Bench(
                                place.settings().name(),
                                view(place.store()),
                                place.format(),
                                scratch,
                                place.settings().threads()),
                        place.reports()));
    }

    /** What a trainer may use of the store: neither test and out-of-domain sets nor what was scored on them. */
    static ObjectStore view(ObjectStore store) {
        return ObjectStores.only(
                store,
                "a trainer",
                List.of(
                        "weights/",
                        "scripts/",
                        "data/",
                        "checkpoints/",
                        "soups/",
                        "optimizers/",
                        "state/",
                        "outcomes/training/"));
    }

    /**
     * Starts a trainer in a process of its own.
     *
     * @throws ConfigException when the engine cannot compute on the configured device
     */
    public static WorkerService<TrainingTask> launch(ServiceConfig config) {
        String device = config.worker().device();
        try {
            TorchEngine.start(config.worker().threads(), device);
        } catch (DeviceUnavailableException e) {
            throw new ConfigException("worker.device", device, "a device of this machine; " + e.getMessage());
        }
        return of(config).start();
    }

    /** Runs a trainer until the process is stopped; see {@link ServiceProcess}. */
    public static void main(String[] arguments) {
        System.exit(ServiceProcess.run(ServiceRole.TRAINER, arguments, TrainerService::launch));
    }
}
