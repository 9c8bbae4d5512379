package org.fissionfusion.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.fissionfusion.core.request.Strategy.GroupKey;
import org.fissionfusion.core.request.Strategy.Level;
import org.fissionfusion.core.request.Strategy.Method;
import org.fissionfusion.core.request.Strategy.Pool;

/** Reads strategies: names of method.md's table (`best`, `gridSearch/greedy`, `GoU`, …) or free trees of levels. */
final class StrategyReader {
    private static final String ALLOWED =
            "allowed: best, uniform, greedy, GoU, GoG, Aug@top, each also as gridSearch/NAME (or GS+NAME), or {name, pool, levels}";

    private static final List<String> USUAL = List.of("best", "uniform", "greedy", "GoU", "GoG");
    private static final List<String> PAPER = List.of(
            "gridSearch/best",
            "gridSearch/uniform",
            "gridSearch/greedy",
            "best",
            "GoU",
            "GoG",
            "gridSearch/GoU",
            "gridSearch/GoG",
            "uniform",
            "greedy",
            "Aug@top");

    private StrategyReader() {}

    /** @param paper whether the whole table of method.md, its ablations too, is the default */
    static List<Strategy> read(Section request, boolean paper) {
        List<Strategy> strategies = new ArrayList<>();
        List<JsonNode> nodes = request.list("strategies").orElse(List.of());
        for (JsonNode node : nodes) {
            String key = request.key("strategies") + "[" + strategies.size() + "]";
            strategies.add(node.isObject() ? tree(key, node) : preset(key, node.asText()));
        }
        if (strategies.isEmpty()) {
            for (String name : paper ? PAPER : USUAL) {
                strategies.add(preset("strategies", name));
            }
        }
        return strategies;
    }

    private static Strategy preset(String key, String text) {
        String name = text.strip();
        if (name.regionMatches(true, 0, "GS+", 0, 3)) {
            name = "gridSearch/" + name.substring(3);
        } else if (name.regionMatches(true, 0, "FGG+", 0, 4)) {
            name = name.substring(4);
        }
        int slash = name.indexOf('/');
        String prefix = slash < 0 ? "fission" : name.substring(0, slash);
        String method = slash < 0 ? name : name.substring(slash + 1);
        boolean augmentationAtTop = method.equalsIgnoreCase("Aug@top");
        Pool pool;
        if (prefix.equalsIgnoreCase("fission") && !augmentationAtTop) {
            pool = Pool.FISSION;
        } else if (prefix.equalsIgnoreCase("gridSearch") || augmentationAtTop) {
            pool = Pool.GRID_SEARCH;
        } else {
            throw new RequestException(key, text, ALLOWED);
        }
        Level top = new Level(List.of(), Method.GREEDY);
        record Preset(String name, List<Level> levels) {}
        Preset preset = switch (method.toLowerCase(Locale.ROOT)) {
            case "best" -> new Preset("best", List.of(new Level(List.of(), Method.BEST)));
            case "uniform" -> new Preset("uniform", List.of(new Level(List.of(), Method.UNIFORM)));
            case "greedy" -> new Preset("greedy", List.of(top));
            case "gou" -> new Preset("GoU", List.of(new Level(List.of(GroupKey.LEARNING_RATE), Method.UNIFORM), top));
            case "gog" -> new Preset("GoG", List.of(new Level(List.of(GroupKey.LEARNING_RATE), Method.GREEDY), top));
            case "aug@top" ->
                new Preset("Aug@top", List.of(new Level(List.of(GroupKey.AUGMENTATION), Method.GREEDY), top));
            default -> throw new RequestException(key, text, ALLOWED);
        };
        String fullName = pool == Pool.FISSION ? preset.name() : "gridSearch/" + preset.name();
        return new Strategy(fullName, pool, preset.levels());
    }

    private static Strategy tree(String key, JsonNode node) {
        Section section = new Section(key, node);
        String name = section.text("name", "a name of letters, digits and -_@/.");
        Pool pool = section.choice("pool", List.of(Pool.values()), Pool::wireName, Pool.FISSION);
        List<JsonNode> nodes = section.list("levels")
                .orElseThrow(
                        () -> new RequestException(section.key("levels"), null, "required: levels from the bottom up"));
        List<Level> levels = new ArrayList<>();
        for (JsonNode levelNode : nodes) {
            Section level = new Section(section.key("levels") + "[" + levels.size() + "]", levelNode);
            List<GroupKey> groupBy =
                    level.choices("groupBy", List.of(GroupKey.values()), GroupKey::wireName, List.of());
            if (!level.has("method")) {
                throw new RequestException(level.key("method"), null, "required: best, uniform or greedy");
            }
            levels.add(new Level(
                    groupBy, level.choice("method", List.of(Method.values()), Method::wireName, Method.GREEDY)));
            level.close();
        }
        section.close();
        return new Strategy(name, pool, levels);
    }
}
