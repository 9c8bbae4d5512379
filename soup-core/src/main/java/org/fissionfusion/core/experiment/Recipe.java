package org.fissionfusion.core.experiment;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Ingredients in ranking order; the soup is their sum divided by their number (method.md section 2). */
public record Recipe(List<Ingredient> ingredients) {
    public Recipe {
        ingredients = List.copyOf(ingredients);
        if (ingredients.isEmpty()) {
            throw new IllegalArgumentException("a recipe needs an ingredient");
        }
    }

    /** What the sum is divided by. */
    public int divisor() {
        return ingredients.size();
    }

    /** The same weights in the same order have the same key: 32 hexadecimal digits. */
    public String key() {
        String text = ingredients.stream().map(Ingredient::weightsDigest).collect(Collectors.joining("+"));
        return sha256(text).substring(0, 32);
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
