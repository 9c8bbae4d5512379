package org.fissionfusion.evaluator;

import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fissionfusion.core.weights.MeanOfWeights;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.runtime.Meters;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;

/** Turns a recipe into weights: in memory for a tasting, into a file for a soup that is kept. */
final class Blender implements AutoCloseable {
    private final ObjectStore store;
    private final ScoreCache cache;
    private final PrefixSums sums;

    Blender(ObjectStore store, ScoreCache cache, long sumBudgetBytes) {
        this.store = store;
        this.cache = cache;
        this.sums = new PrefixSums(sumBudgetBytes);
    }

    /** Weights in memory and their digest. */
    record Blend(String weightsDigest, List<Tensor> tensors) {}

    /** The digest of the recipe's mean, when the recipe was blended before, by whomever. */
    Optional<String> knownDigest(Recipe recipe) {
        return cache.weightsDigest(recipe);
    }

    /** The mean of the recipe, in memory. */
    Blend blend(Recipe recipe) throws IOException {
        List<Ingredient> ingredients = checked(recipe);
        long begun = System.nanoTime();
        List<Tensor> mean = ingredients.size() == 1
                ? copyOf(ingredients.getFirst())
                : sums.mean(
                        ingredients.stream().map(i -> i.getFile().getSha256()).toList(),
                        i -> SafetensorsFile.open(store.verified(
                                StoredObject.from(ingredients.get(i).getFile()))));
        measure(ingredients, begun);
        String digest = WeightsDigest.of(mean);
        if (ingredients.size() == 1) {
            requireDigest(
                    ingredients.getFirst().getWeightsDigest(),
                    digest,
                    ingredients.getFirst().getId());
        }
        cache.keepWeightsDigest(recipe, digest);
        return new Blend(digest, mean);
    }

    /** Streams the mean of the recipe into a file. */
    String write(Recipe recipe, Path target, Map<String, String> metadata) throws IOException {
        List<Ingredient> ingredients = checked(recipe);
        List<Path> paths = new ArrayList<>();
        for (Ingredient ingredient : ingredients) {
            paths.add(store.verified(StoredObject.from(ingredient.getFile())));
        }
        long begun = System.nanoTime();
        String digest = MeanOfWeights.blend(paths, recipe.getDivisor(), target, metadata);
        measure(ingredients, begun);
        cache.keepWeightsDigest(recipe, digest);
        return digest;
    }

    private static void measure(List<Ingredient> ingredients, long begun) {
        long bytes = ingredients.stream()
                .mapToLong(each -> each.getFile().getBytes())
                .sum();
        double seconds = (System.nanoTime() - begun) / 1e9;
        Meters.count("fissionfusion.blend.bytes", "bytes of the ingredients of blends", Tags.empty(), (double) bytes);
        Meters.count("fissionfusion.blend.seconds", "time spent on blends", Tags.empty(), seconds);
    }

    /** Refuses weights that are not those another event names; an empty expectation names none. */
    static void requireDigest(String expected, String actual, String what) {
        if (!expected.isEmpty() && !expected.equals(actual)) {
            throw new TaskRefused(
                    "weightsDigest: " + what + " has the weights " + actual + "; allowed is only " + expected);
        }
    }

    private static List<Ingredient> checked(Recipe recipe) {
        List<Ingredient> ingredients = recipe.getIngredients();
        if (ingredients.isEmpty()) {
            throw new TaskRefused("recipe: has no ingredients; allowed is one or more");
        }
        if (recipe.getDivisor() != ingredients.size()) {
            throw new TaskRefused("recipe: the divisor " + recipe.getDivisor() + " is not allowed; a soup of "
                    + ingredients.size() + " ingredients is their unweighted mean");
        }
        return ingredients;
    }

    private List<Tensor> copyOf(Ingredient ingredient) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(store.verified(StoredObject.from(ingredient.getFile())))) {
            return file.tensors().stream()
                    .map(spec -> new Tensor(spec, copy(file.bytes(spec.name()))))
                    .toList();
        }
    }

    private static MemorySegment copy(MemorySegment mapped) {
        return Arena.ofAuto().allocate(mapped.byteSize(), Double.BYTES).copyFrom(mapped);
    }

    @Override
    public void close() {
        sums.close();
    }
}
