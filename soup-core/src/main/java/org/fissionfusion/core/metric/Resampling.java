package org.fissionfusion.core.metric;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Bootstrap resamples of the groups of a sample: as many groups are drawn, with replacement, as there are, and each
 * image weighs as often as its group was drawn. The draws depend on seed and groups alone (SplitMix64), so two models
 * scored on the same images meet the same resamples on every machine.
 */
final class Resampling {

    private final int[] groupOf;
    private final int[] drawn;
    private final int[] weights;
    private long state;

    Resampling(int[] groups, long seed) {
        Map<Integer, Integer> numbers = new HashMap<>();
        groupOf = new int[groups.length];
        for (int i = 0; i < groups.length; i++) {
            Integer number = numbers.putIfAbsent(groups[i], numbers.size());
            groupOf[i] = number == null ? numbers.size() - 1 : number;
        }
        drawn = new int[numbers.size()];
        weights = new int[groups.length];
        state = seed;
    }

    /** The next resample: how often each image is in it. The array is reused. */
    int[] next() {
        Arrays.fill(drawn, 0);
        for (int i = 0; i < drawn.length; i++) {
            drawn[(int) Math.unsignedMultiplyHigh(nextLong(), drawn.length)]++;
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = drawn[groupOf[i]];
        }
        return weights;
    }

    private long nextLong() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
