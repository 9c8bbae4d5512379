package org.fissionfusion.core.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fissionfusion.core.request.Augmentation;
import org.fissionfusion.core.request.ExperimentRequest;
import org.fissionfusion.core.request.FineTune;
import org.fissionfusion.core.request.GridSearch;
import org.fissionfusion.core.request.Strategy;
import org.fissionfusion.core.request.Strategy.GroupKey;
import org.fissionfusion.core.request.Strategy.Pool;

/** What a request amounts to: its training tasks, its expected checkpoints and its tree of soups. */
final class Plan {
    private Plan() {}

    static SortedMap<String, TaskRow> tasks(ExperimentRequest request) {
        List<TaskRow> rows = new ArrayList<>();
        String id = request.experimentId();
        rows.add(TaskRow.planned(Ids.preflight(id), rows.size(), new Work.Preflight()));
        var training = request.training();
        FineTune fineTune = training.fineTune();
        rows.add(TaskRow.planned(
                Ids.probe(id, fineTune.seed()),
                rows.size(),
                new Work.Probe(
                        training.linearProbe().learningRate(),
                        training.linearProbe().augmentation(),
                        fineTune.seed())));
        Map<String, Work.FineTune> bases = fineTunes(request);
        bases.forEach((taskId, work) -> rows.add(TaskRow.planned(taskId, rows.size(), work)));
        // A fission line waits for its base; listed before the grid so that soups of the main pool come early.
        bases.forEach((taskId, work) -> {
            if (work.inFissionPool() && training.fission().checkpoints() > 0) {
                rows.add(TaskRow.planned(
                        Ids.fission(taskId),
                        fineTune.learningRates().size() + 2,
                        new Work.Fission(taskId, work.learningRate(), work.augmentation(), work.seed())));
            }
        });
        SortedMap<String, TaskRow> tasks = new TreeMap<>();
        rows.forEach(row -> tasks.put(row.id(), row));
        return tasks;
    }

    /** Fission bases first, then what only the grid needs; a setting that is in both pools is trained once. */
    private static Map<String, Work.FineTune> fineTunes(ExperimentRequest request) {
        String id = request.experimentId();
        FineTune fineTune = request.training().fineTune();
        Map<String, Work.FineTune> all = new LinkedHashMap<>();
        for (double rate : fineTune.learningRates()) {
            all.put(
                    Ids.fineTune(id, rate, fineTune.augmentation(), fineTune.seed()),
                    new Work.FineTune(rate, fineTune.augmentation(), fineTune.seed(), true));
        }
        request.training().gridSearch().ifPresent(grid -> {
            for (double rate : fineTune.learningRates()) {
                for (Augmentation augmentation : grid.augmentations()) {
                    for (long seed : grid.seeds()) {
                        all.putIfAbsent(
                                Ids.fineTune(id, rate, augmentation, seed),
                                new Work.FineTune(rate, augmentation, seed, false));
                    }
                }
            }
        });
        return all;
    }

    static SortedMap<String, CheckpointRow> checkpoints(ExperimentRequest request) {
        SortedMap<String, CheckpointRow> rows = new TreeMap<>();
        int cycles = request.training().fission().checkpoints();
        fineTunes(request).forEach((id, work) -> {
            List<Pool> pools = new ArrayList<>();
            if (work.inFissionPool()) {
                pools.add(Pool.FISSION);
            }
            if (request.training()
                    .gridSearch()
                    .filter(grid -> inGrid(grid, work))
                    .isPresent()) {
                pools.add(Pool.GRID_SEARCH);
            }
            rows.put(
                    id,
                    CheckpointRow.expected(
                            id, Stage.FINE_TUNE, pools, work.learningRate(), work.augmentation(), work.seed(), 0));
            for (int cycle = 1; work.inFissionPool() && cycle <= cycles; cycle++) {
                String cycleId = Ids.cycle(id, cycle);
                rows.put(
                        cycleId,
                        CheckpointRow.expected(
                                cycleId,
                                Stage.FISSION,
                                List.of(Pool.FISSION),
                                work.learningRate(),
                                work.augmentation(),
                                work.seed(),
                                cycle));
            }
        });
        return rows;
    }

    private static boolean inGrid(GridSearch grid, Work.FineTune work) {
        return grid.augmentations().contains(work.augmentation())
                && grid.seeds().contains(work.seed());
    }

    static SortedMap<String, SoupRow> soups(ExperimentRequest request) {
        SortedMap<String, SoupRow> soups = new TreeMap<>();
        SortedMap<String, CheckpointRow> checkpoints = checkpoints(request);
        for (Strategy strategy : request.strategies()) {
            Map<String, Map<GroupKey, String>> offered = new LinkedHashMap<>();
            checkpoints.values().stream()
                    .filter(checkpoint -> checkpoint.pools().contains(strategy.pool()))
                    .forEach(checkpoint -> offered.put(checkpoint.id(), hyperparameters(checkpoint)));
            addLevels(request.experimentId(), strategy, offered, soups);
        }
        return soups;
    }

    private static void addLevels(
            String experiment,
            Strategy strategy,
            Map<String, Map<GroupKey, String>> offered,
            Map<String, SoupRow> soups) {
        Map<String, Map<GroupKey, String>> ingredients = offered;
        for (Strategy.Level level : strategy.levels()) {
            boolean top = level.groupBy().isEmpty();
            Map<Map<GroupKey, String>, List<String>> groups = new LinkedHashMap<>();
            ingredients.forEach((id, values) -> {
                Map<GroupKey, String> key = new LinkedHashMap<>();
                level.groupBy().forEach(group -> key.put(group, values.get(group)));
                groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(id);
            });
            Map<String, Map<GroupKey, String>> next = new LinkedHashMap<>();
            groups.forEach((key, members) -> {
                StringBuilder id = new StringBuilder(experiment + "/soup/" + strategy.name());
                Map<String, String> group = new TreeMap<>();
                key.forEach((name, value) -> {
                    id.append('/').append(name.wireName()).append('=').append(value);
                    group.put(name.wireName(), value);
                });
                soups.put(
                        id.toString(),
                        SoupRow.gathering(id.toString(), strategy.name(), top, group, level.method(), members));
                next.put(id.toString(), key);
            });
            ingredients = next;
        }
    }

    private static Map<GroupKey, String> hyperparameters(CheckpointRow checkpoint) {
        Map<GroupKey, String> values = new LinkedHashMap<>();
        for (GroupKey key : GroupKey.values()) {
            values.put(
                    key,
                    switch (key) {
                        case LEARNING_RATE -> Ids.rate(checkpoint.learningRate());
                        case AUGMENTATION -> checkpoint.augmentation().wireName();
                        case SEED -> Long.toString(checkpoint.seed());
                        case STAGE -> checkpoint.stage().wireName();
                    });
        }
        return values;
    }
}
