package org.fissionfusion.core.view;

import java.util.List;
import java.util.Map;
import org.fissionfusion.core.experiment.SoupRow;

/**
 * A soup with what is behind it, the soups below included.
 *
 * @param lost expected ingredients that never came to a verdict: lost, or without a finite score
 * @param passes evaluation passes of more than one ingredient
 * @param labels split to what must be said of its scores there
 * @param epochs trained for its pool's share, each training counted once
 */
public record SoupView(SoupRow row, List<String> lost, Map<String, String> labels, long passes, long epochs) {
    public SoupView {
        lost = List.copyOf(lost);
        labels = Map.copyOf(labels);
    }
}
