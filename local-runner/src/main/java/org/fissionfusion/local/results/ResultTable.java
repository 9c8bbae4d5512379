package org.fissionfusion.local.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.fissionfusion.local.results.Results.Soup;
import org.fissionfusion.local.results.Results.Value;

/** The table that a run prints at its end: one row per strategy, one column per split. */
public final class ResultTable {
    private ResultTable() {}

    /** The lines of the table. The best value of each split is marked with a star. */
    public static String of(Results results) {
        List<Soup> strategies = results.soups().stream()
                .filter(soup -> soup.level().equals("global"))
                .toList();
        List<String> splits = results.splits().stream()
                .map(Results.Split::name)
                .filter(name -> !name.equals("train"))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("strategy"));
        head.addAll(splits);
        head.addAll(List.of("ingredients", "tastings", "epochs"));
        rows.add(head);
        for (Soup soup : strategies) {
            rows.add(row(results, strategies, splits, soup));
        }
        return render(rows)
                + "\n%s with its 95 %% interval; * best of its column; validation is optimistic: selected on this set%n"
                        .formatted(results.selection().metric())
                + costLine(results);
    }

    private static List<String> row(Results results, List<Soup> strategies, List<String> splits, Soup soup) {
        String metric = results.selection().metric();
        List<String> row = new ArrayList<>(List.of(soup.name()));
        for (String split : splits) {
            Value value = score(soup, split, metric);
            boolean best = value != null
                    && strategies.stream()
                            .map(other -> score(other, split, metric))
                            .allMatch(other -> other == null || other.value() <= value.value());
            row.add(
                    value == null
                            ? "-"
                            : String.format(
                                    Locale.ROOT,
                                    "%.4f%s [%.4f, %.4f]",
                                    value.value(),
                                    best ? "*" : " ",
                                    value.low(),
                                    value.high()));
        }
        long accepted =
                soup.ingredients().stream().filter(Results.Ingredient::accepted).count();
        row.add(accepted + " of " + soup.ingredients().size());
        row.add(Long.toString(soup.tastings()));
        row.add(Long.toString(soup.epochs()));
        return row;
    }

    private static Value score(Soup soup, String split, String metric) {
        return soup.scores().getOrDefault(split, Map.of()).get(metric);
    }

    private static String costLine(Results results) {
        Results.Cost cost = results.cost();
        return String.format(
                Locale.ROOT,
                "cost: %d of %d planned epochs, linear probe %d; a grid search plans %d epochs, %.2f times as many%n",
                cost.spentEpochs(),
                cost.plannedEpochs(),
                cost.probeEpochs(),
                cost.plannedGridEpochs(),
                cost.ratio());
    }

    private static String render(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                line.append(rows.get(r).get(c))
                        .append(" ".repeat(widths[c] - rows.get(r).get(c).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
            if (r == 0) {
                text.append("-".repeat(java.util.Arrays.stream(widths).sum() + 2 * (columns - 1)))
                        .append('\n');
            }
        }
        return text.toString();
    }
}
