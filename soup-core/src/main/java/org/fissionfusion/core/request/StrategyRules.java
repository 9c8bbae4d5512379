package org.fissionfusion.core.request;

import static org.fissionfusion.core.request.RequestRules.require;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.fissionfusion.core.request.Strategy.GroupKey;
import org.fissionfusion.core.request.Strategy.Level;
import org.fissionfusion.core.request.Strategy.Pool;

/** What must be true of strategies: names that make ids, and trees of levels that narrow upwards to one soup. */
final class StrategyRules {
    static final String NAME = "[A-Za-z0-9][A-Za-z0-9._@/-]{0,62}";
    private static final int MOST = 1_000;

    private StrategyRules() {}

    static void check(List<Strategy> strategies, boolean gridSearch) {
        require(
                !strategies.isEmpty() && strategies.size() <= MOST,
                "strategies",
                strategies.size() + " strategies",
                "allowed: 1 to " + MOST);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < strategies.size(); i++) {
            Strategy strategy = strategies.get(i);
            String key = "strategies[" + i + "]";
            require(
                    strategy.name().matches(NAME),
                    key + ".name",
                    strategy.name(),
                    "allowed: letters, digits and ._@/- , at most 63");
            require(
                    strategy.pool() != Pool.GRID_SEARCH || gridSearch,
                    key,
                    strategy.name(),
                    "allowed once training.gridSearch is given");
            require(
                    names.add(strategy.name().replaceAll("[@/]", "_").toLowerCase(Locale.ROOT)),
                    key,
                    strategy.name(),
                    "allowed: each name once, for files are named by it: '@' and '/' count as '_'");
            levels(key + ".levels", strategy.levels());
        }
    }

    private static void levels(String key, List<Level> levels) {
        require(!levels.isEmpty(), key, "[]", "required: levels from the bottom up");
        for (int i = 0; i < levels.size(); i++) {
            List<GroupKey> groupBy = levels.get(i).groupBy();
            Object written = groupBy.stream().map(GroupKey::wireName).toList();
            String groupKey = key + "[" + i + "].groupBy";
            boolean top = i == levels.size() - 1;
            require(
                    top == groupBy.isEmpty(),
                    groupKey,
                    written,
                    top
                            ? "the top level takes everything: leave groupBy out"
                            : "every level but the top needs at least one");
            require(Set.copyOf(groupBy).size() == groupBy.size(), groupKey, written, "allowed: each key once");
            if (i > 0) {
                // with the same keys it would be the same soup again, waiting for itself
                List<GroupKey> below = levels.get(i - 1).groupBy();
                require(
                        below.containsAll(groupBy) && below.size() > groupBy.size(),
                        groupKey,
                        written,
                        "allowed: some, not all, of what the level below groups by");
            }
        }
    }
}
