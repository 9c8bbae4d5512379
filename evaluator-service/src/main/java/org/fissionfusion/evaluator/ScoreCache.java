package org.fissionfusion.evaluator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.fissionfusion.events.Ingredient;
import org.fissionfusion.events.Recipe;
import org.fissionfusion.events.SplitScore;
import org.fissionfusion.runtime.MissingObjectException;
import org.fissionfusion.runtime.ObjectStore;

/**
 * What was computed once, in the store: scores by their full key, and the weights digest of every recipe by its
 * ingredients' digests, so that a repeated task reads no weights at all.
 */
final class ScoreCache {
    private final ObjectStore store;

    ScoreCache(ObjectStore store) {
        this.store = store;
    }

    Optional<SplitScore> score(ScoreKey key) {
        Optional<byte[]> bytes = read(key.objectKey());
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SplitScore.fromByteBuffer(ByteBuffer.wrap(bytes.get())));
        } catch (IOException | AvroRuntimeException e) {
            // Written by a version with another schema, or damaged: worth computing again, not worth failing for.
            store.delete(key.objectKey());
            return Optional.empty();
        }
    }

    /** Keeps a score; the first one kept under a key is the one to answer with. */
    SplitScore keep(ScoreKey key, SplitScore score) throws IOException {
        ByteBuffer buffer = score.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return store.createIfAbsent(key.objectKey(), bytes) ? score : score(key).orElse(score);
    }

    Optional<String> weightsDigest(Recipe recipe) {
        List<Ingredient> ingredients = recipe.getIngredients();
        if (ingredients.size() == 1
                && !ingredients.getFirst().getWeightsDigest().isEmpty()) {
            return Optional.of(ingredients.getFirst().getWeightsDigest());
        }
        String key = recipeKey(recipe);
        Optional<String> kept = read(key).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        if (kept.isPresent() && !kept.get().matches("[0-9a-f]{64}")) {
            store.delete(key); // half of one, left by a store that was killed
            return Optional.empty();
        }
        return kept;
    }

    void keepWeightsDigest(Recipe recipe, String digest) {
        store.createIfAbsent(recipeKey(recipe), digest.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<byte[]> read(String key) {
        try {
            return store.exists(key) ? Optional.of(store.read(key)) : Optional.empty();
        } catch (MissingObjectException deletedSince) {
            return Optional.empty();
        }
    }

    private static String recipeKey(Recipe recipe) {
        StringBuilder canonical = new StringBuilder("mean/").append(recipe.getDivisor());
        recipe.getIngredients()
                .forEach(ingredient ->
                        canonical.append('\n').append(ingredient.getFile().getSha256()));
        return "recipes/" + ScoreKey.sha256(canonical.toString()) + ".digest";
    }
}
