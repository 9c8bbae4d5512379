package org.fissionfusion.local.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.experiment.CheckpointRow;
import org.fissionfusion.core.experiment.Experiment;
import org.fissionfusion.core.experiment.ExperimentEvent;
import org.fissionfusion.core.experiment.TaskRow;
import org.fissionfusion.core.experiment.Work;
import org.fissionfusion.core.request.DataSplit;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.RequestDraft;
import org.fissionfusion.core.request.RequestReader;
import org.fissionfusion.events.CheckpointSaved;
import org.fissionfusion.events.EvaluationCompleted;
import org.fissionfusion.events.ExperimentCommand;
import org.fissionfusion.events.Stage;
import org.fissionfusion.events.StoredFile;
import org.fissionfusion.events.TaskResult;
import org.fissionfusion.events.TrainingCompleted;
import org.fissionfusion.souper.RequestMapper;

/**
 * An experiment of the paper's size without images: 8 learning rates, 48 ingredients, the strategies best, uniform,
 * greedy, GoU and GoG; and what workers would say of it, read off its plan.
 *
 * @param opening results of the preflight and the linear probe
 * @param checkpoints its checkpoint events
 */
record PaperExperiment(ExperimentRequest request, List<TaskResult> opening, List<TaskResult> checkpoints) {
    private static final String DIGEST = "%064x";
    private static final int BEFORE_GENERATING = 4;

    static PaperExperiment named(String id) {
        return script(request(id));
    }

    String id() {
        return request.experimentId();
    }

    /** What a user would publish. */
    ExperimentCommand command() {
        return new ExperimentCommand(id(), RequestMapper.toEvent(request));
    }

    private static ExperimentRequest request(String id) {
        ObjectNode tree =
                JsonNodeFactory.instance.objectNode().put("experiment", id).put("preset", "paper");
        tree.putObject("model").put("architecture", "resnet20").put("weights", "w");
        tree.putObject("data").put("inDomain", "d").put("imageSize", 32);
        tree.putObject("selection").put("metric", "macro-f1");
        var strategies = tree.putArray("strategies");
        List.of("best", "uniform", "greedy", "GoU", "GoG").forEach(strategies::add);
        return RequestReader.read(tree)
                .resolve(new RequestDraft.ResolvedFiles(
                        file(1),
                        List.of(
                                new DataSplit("train", file(2), false),
                                new DataSplit("validation", file(3), false),
                                new DataSplit("test", file(4), true)),
                        List.of("a", "b"),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.2, 0.2, 0.2)));
    }

    private static org.fissionfusion.core.request.StoredFile file(int number) {
        return new org.fissionfusion.core.request.StoredFile("file-" + number, DIGEST.formatted(number), 1);
    }

    private static PaperExperiment script(ExperimentRequest request) {
        Experiment plan = Experiment.step(Optional.empty(), new ExperimentEvent.Requested(request))
                .next();
        List<TaskResult> opening = new ArrayList<>();
        List<TaskResult> checkpoints = new ArrayList<>();
        for (TaskRow task : plan.tasks().values()) {
            switch (task.work()) {
                case Work.Preflight _ ->
                    opening.addFirst(result(
                            request, task.id(), new EvaluationCompleted("", List.of(), null, null, null, 1.0, 0L)));
                case Work.Probe _ -> {
                    opening.add(result(request, task.id(), saved(task.id(), Stage.LINEAR_PROBE, 0)));
                    opening.add(result(
                            request, task.id(), new TrainingCompleted(10, 1000L, 1.0, false, List.of(), Map.of())));
                }
                case Work.FineTune _ ->
                    checkpoints.add(result(request, task.id(), saved(task.id(), Stage.FINE_TUNE, 0)));
                case Work.Fission fission -> {
                    int cycle = 0;
                    for (CheckpointRow row : plan.checkpoints().values()) {
                        if (row.id().startsWith(fission.baseId() + "/cycle=")) {
                            checkpoints.add(result(request, task.id(), saved(row.id(), Stage.FISSION, ++cycle)));
                        }
                    }
                }
                case Work.Reestimate _, Work.Score _, Work.Persist _, Work.Serve _, Work.Compare _ -> {}
            }
        }
        if (opening.size() != BEFORE_GENERATING - 1) {
            throw new IllegalStateException("the plan opens with " + opening.size() + " results");
        }
        return new PaperExperiment(request, opening, checkpoints);
    }

    private static CheckpointSaved saved(String id, Stage stage, int cycle) {
        String digest = DIGEST.formatted(id.hashCode() & 0xffff_ffffL);
        StoredFile file = new StoredFile("checkpoints/" + digest, digest, 1L);
        return new CheckpointSaved(id, stage, cycle, 1, file, digest, null, 0.5);
    }

    private static TaskResult result(ExperimentRequest request, String taskId, Object result) {
        return new TaskResult(request.experimentId(), taskId, 1, "load", result, 0.0);
    }
}
