package org.fissionfusion.schemas;

import org.apache.avro.specific.SpecificRecord;

/**
 * A topic and what is in it. Keys are UTF-8 strings.
 *
 * @param name its name, part of the public interface
 * @param layout whether it is spread over partitions by its key
 * @param retention how long it keeps its records
 * @param keyMeaning what the key is
 * @param valueType the generated class of its values
 */
public record Topic<T extends SpecificRecord>(
        String name, Layout layout, Retention retention, String keyMeaning, Class<T> valueType) {

    /** How the records of a topic are spread. */
    public enum Layout {
        /** One partition: a share group spreads records, not partitions. */
        QUEUE,
        /** As many partitions as the installation chose; one experiment lives in one of them. */
        KEYED
    }

    /** The number of partitions in an installation whose keyed topics have {@code keyedPartitions}. */
    public int partitions(int keyedPartitions) {
        return switch (layout) {
            case QUEUE -> 1;
            case KEYED -> keyedPartitions;
        };
    }
}
