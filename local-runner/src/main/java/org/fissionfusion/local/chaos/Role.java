package org.fissionfusion.local.chaos;

import java.util.List;
import org.fissionfusion.evaluator.EvaluatorService;
import org.fissionfusion.runtime.Service;
import org.fissionfusion.runtime.ServiceConfig;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.souper.SouperService;
import org.fissionfusion.trainer.TrainerService;

/** What a process of the lab is. */
public enum Role {
    SOUPER,
    EVALUATOR,
    TRAINER,
    BROKER,
    REGISTRY;

    /** Those that do the work. */
    public static final List<Role> SERVICES = List.of(SOUPER, EVALUATOR, TRAINER);

    /** Everything but the store. */
    public static final List<Role> ALL = List.of(values());

    ServiceRole service() {
        return ServiceRole.valueOf(name());
    }

    Service launch(ServiceConfig config) {
        return switch (this) {
            case SOUPER -> SouperService.launch(config);
            case EVALUATOR -> EvaluatorService.launch(config);
            case TRAINER -> TrainerService.launch(config);
            case BROKER, REGISTRY -> throw new IllegalArgumentException(this + " is no service");
        };
    }
}
