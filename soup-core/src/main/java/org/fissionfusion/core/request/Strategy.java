package org.fissionfusion.core.request;

import java.util.List;

/** A pool and a list of levels from the bottom up (method.md section 2). */
public record Strategy(String name, Pool pool, List<Level> levels) {
    public Strategy {
        levels = List.copyOf(levels);
    }

    /** The checkpoints of one generation method. */
    public enum Pool {
        FISSION("fission"),
        GRID_SEARCH("gridSearch");

        private final String wireName;

        Pool(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests and results. */
        public String wireName() {
            return wireName;
        }
    }

    /** How a soup chooses among its ingredients. */
    public enum Method {
        BEST("best"),
        UNIFORM("uniform"),
        GREEDY("greedy");

        private final String wireName;

        Method(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests and results. */
        public String wireName() {
            return wireName;
        }
    }

    /** A hyperparameter that groups ingredients. */
    public enum GroupKey {
        LEARNING_RATE("learningRate"),
        AUGMENTATION("augmentation"),
        SEED("seed"),
        STAGE("stage");

        private final String wireName;

        GroupKey(String wireName) {
            this.wireName = wireName;
        }

        /** The name in requests and results. */
        public String wireName() {
            return wireName;
        }
    }

    /** One level: ingredients that agree in {@code groupBy} go into one soup; the top level groups by nothing. */
    public record Level(List<GroupKey> groupBy, Method method) {
        public Level {
            groupBy = List.copyOf(groupBy);
        }
    }
}
