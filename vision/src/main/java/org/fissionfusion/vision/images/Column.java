package org.fissionfusion.vision.images;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * A property of the images that divides them into subgroups: sex, age band, site, device, view.
 *
 * @param name as results show it
 * @param levels the values it takes, sorted
 * @param values one number of a level per image
 */
@SuppressWarnings("ArrayRecordComponent") // held once, never compared
public record Column(String name, List<String> levels, int[] values) {
    /** The level of images of which it is not known. */
    public static final String UNKNOWN = "unknown";

    public Column {
        levels = List.copyOf(levels);
        for (int value : values) {
            if (value < 0 || value >= levels.size()) {
                throw new IllegalArgumentException(
                        "column %s: level %d is outside 0..%d".formatted(name, value, levels.size() - 1));
            }
        }
    }

    /** One text per image; empty ones become {@link #UNKNOWN}. */
    static Column of(String name, List<String> texts) {
        List<String> named = texts.stream()
                .map(text -> text.isBlank() ? UNKNOWN : text.strip())
                .toList();
        List<String> levels = List.copyOf(new TreeSet<>(named));
        return new Column(name, levels, named.stream().mapToInt(levels::indexOf).toArray());
    }

    /** The column of some images, in the order given. */
    Column select(int[] images) {
        return new Column(
                name, levels, Arrays.stream(images).map(i -> values[i]).toArray());
    }
}
