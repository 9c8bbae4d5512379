package org.fissionfusion.evaluator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.fissionfusion.core.weights.RunningSum;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * Running sums of the soups last tasted, by their ingredients in order: a tasting adds one candidate to a known sum
 * and reads nothing else. Bounded in bytes, least recently used first out; losing a sum only costs reading again.
 */
final class PrefixSums implements AutoCloseable {
    private final long budgetBytes;
    private final LinkedHashMap<List<String>, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    PrefixSums(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    private record Held(RunningSum sum, long bytes) {}

    /** Opens the file of one ingredient; called only for ingredients that are not in a known sum. */
    @FunctionalInterface
    interface Opener {
        SafetensorsFile open(int ingredient) throws IOException;
    }

    /** The mean of the ingredients, which are named by digest and in ranking order. */
    synchronized List<Tensor> mean(List<String> digests, Opener files) throws IOException {
        int known = longestKnownPrefix(digests);
        RunningSum sum = known == 0
                ? new RunningSum()
                : held.get(digests.subList(0, known)).sum().copy();
        long bytes = known == 0 ? 0 : held.get(digests.subList(0, known)).bytes();
        boolean kept = false;
        try {
            for (int i = known; i < digests.size(); i++) {
                try (SafetensorsFile file = files.open(i)) {
                    sum.add(file);
                    bytes = sumBytes(file);
                }
                if (i == digests.size() - 2) {
                    keepCopy(digests.subList(0, i + 1), sum, bytes);
                }
            }
            List<Tensor> mean = sum.meanTensors();
            kept = keep(digests, sum, bytes);
            return mean;
        } finally {
            if (!kept) {
                sum.close();
            }
        }
    }

    private int longestKnownPrefix(List<String> digests) {
        for (int length = digests.size(); length > 0; length--) {
            if (held.containsKey(digests.subList(0, length))) {
                return length;
            }
        }
        return 0;
    }

    private void keepCopy(List<String> digests, RunningSum sum, long bytes) {
        if (bytes <= budgetBytes) {
            RunningSum copy = sum.copy();
            if (!keep(digests, copy, bytes)) {
                copy.close();
            }
        }
    }

    /** Never at the price of the sum it was made from: the next candidate is tasted with that one. */
    private boolean keep(List<String> digests, RunningSum sum, long bytes) {
        List<String> prefix = digests.subList(0, digests.size() - 1);
        long stays = held.containsKey(prefix) ? held.get(prefix).bytes() : 0;
        if (held.containsKey(digests) || stays + bytes > budgetBytes) {
            return false;
        }
        long total = bytes + held.values().stream().mapToLong(Held::bytes).sum();
        for (List<String> eldest : new ArrayList<>(held.keySet())) {
            if (total > budgetBytes && !eldest.equals(prefix)) {
                Held evicted = held.remove(eldest);
                total -= evicted.bytes();
                evicted.sum().close();
            }
        }
        held.put(List.copyOf(digests), new Held(sum, bytes));
        return true;
    }

    /** A sum holds eight bytes an element. */
    private static long sumBytes(SafetensorsFile file) {
        return file.tensors().stream().mapToLong(TensorSpec::elements).sum() * Double.BYTES;
    }

    @Override
    public synchronized void close() {
        held.values().forEach(entry -> entry.sum().close());
        held.clear();
    }
}
