package org.fissionfusion.local.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * One measured number.
 *
 * @param name what was measured, and how big it was
 */
public record Figure(String name, double value, String unit, Goal goal) {

    /** What the number should be. */
    public sealed interface Goal {}

    /** Nothing is asked of it. */
    public record NoGoal() implements Goal {}

    public record AtLeast(double bound) implements Goal {}

    public record AtMost(double bound) implements Goal {}

    static Figure of(String name, double value, String unit) {
        return new Figure(name, value, unit, new NoGoal());
    }

    Figure atLeast(double bound) {
        return new Figure(name, value, unit, new AtLeast(bound));
    }

    Figure atMost(double bound) {
        return new Figure(name, value, unit, new AtMost(bound));
    }

    boolean reached() {
        return switch (goal) {
            case NoGoal _ -> true;
            case AtLeast(double bound) -> value >= bound;
            case AtMost(double bound) -> value <= bound;
        };
    }

    /** The figure as one object. */
    public void into(ObjectNode node) {
        node.put("name", name).put("value", value).put("unit", unit);
        switch (goal) {
            case NoGoal _ -> {}
            case AtLeast(double bound) -> node.put("atLeast", bound).put("reached", reached());
            case AtMost(double bound) -> node.put("atMost", bound).put("reached", reached());
        }
    }

    @Override
    public String toString() {
        String wanted = switch (goal) {
            case NoGoal _ -> "";
            case AtLeast(double bound) -> "  (at least " + digits(bound) + (reached() ? ")" : ": missed)");
            case AtMost(double bound) -> "  (at most " + digits(bound) + (reached() ? ")" : ": missed)");
        };
        return String.format(Locale.ROOT, "%-72s %10s %s%s", name, digits(value), unit, wanted);
    }

    private static String digits(double number) {
        double size = Math.abs(number);
        return String.format(Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", number);
    }
}
