package org.fissionfusion.local.chaos;

import java.nio.file.Path;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.trainer.TrainerService;
import org.fissionfusion.vision.model.TorchEngine;

/** The services that can be killed. */
public enum ServiceKind {
    SOUPER,
    EVALUATOR,
    TRAINER;

    /** @param folder of this process alone */
    Service start(ServiceConfig config, Path folder) {
        return switch (this) {
            case SOUPER -> SouperService.start(config, folder);
            case EVALUATOR -> EvaluatorService.of(config).start();
            case TRAINER -> {
                TorchEngine.start(config.worker().threads());
                yield TrainerService.of(config, folder).start();
            }
        };
    }
}
