package org.fissionfusion.schemas;

/**
 * One way in which something that exists in Kafka is not as declared.
 *
 * @param resource e.g. {@code topic results} or {@code share group trainers}
 * @param setting e.g. {@code partitions} or {@code cleanup.policy}
 * @param found what it is
 * @param declared what it would be, had it been made here
 * @param matters true when records would be lost, skipped or misplaced; false when it is a site's own choice
 */
public record Difference(String resource, String setting, String found, String declared, boolean matters) {

    @Override
    public String toString() {
        return "%s has %s=%s, declared is %s".formatted(resource, setting, found, declared);
    }
}
