package org.fissionfusion.core.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The checked JSON header of a safetensors file. Its tensors lie back to back and fill the file exactly: overlaps,
 * holes and bytes left over are refused, as the format demands.
 *
 * @param metadata sorted by key
 * @param entries in the order of their bytes
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {

    static final String METADATA = "__metadata__";
    static final int PREFIX = Long.BYTES;
    static final long LIMIT = 100_000_000;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** A tensor and where its bytes begin, counted from the end of the header. */
    record Entry(TensorSpec spec, long begin, long end) {}

    /**
     * Reads and checks a header.
     *
     * @param source names the file in errors
     * @param dataBytes number of bytes after the header
     */
    static SafetensorsHeader parse(String source, String json, long dataBytes) throws WeightsException {
        if (!json.startsWith("{")) {
            throw new WeightsException(source, "the header does not begin with '{'");
        }
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new WeightsException(source, "the header is no sound JSON: " + e.getOriginalMessage(), e);
        }
        Map<String, String> metadata = new TreeMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals(METADATA)) {
                readMetadata(source, field.getValue(), metadata);
            } else {
                entries.add(readEntry(source, field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        requireFilled(source, entries, dataBytes);
        return new SafetensorsHeader(Map.copyOf(metadata), List.copyOf(entries));
    }

    private static void readMetadata(String source, JsonNode node, Map<String, String> into) throws WeightsException {
        if (!node.isObject()) {
            throw new WeightsException(source, METADATA + " is no object");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual()) {
                throw new WeightsException(source, METADATA + ": the value of '" + field.getKey() + "' is no string");
            }
            into.put(field.getKey(), field.getValue().textValue());
        }
    }

    private static Entry readEntry(String source, String name, JsonNode node) throws WeightsException {
        if (!node.isObject()) {
            throw new WeightsException(source, "tensor '" + name + "' is described by no object");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            switch (field.getKey()) {
                case "dtype", "shape", "data_offsets" -> {}
                default ->
                    throw new WeightsException(
                            source, "tensor '" + name + "' has the unknown key '" + field.getKey() + "'");
            }
        }
        JsonNode dtype = node.path("dtype");
        DType type = DType.named(dtype.asText())
                .filter(known -> dtype.isTextual())
                .orElseThrow(
                        () -> new WeightsException(source, "tensor '" + name + "' has the unknown dtype " + dtype));
        long[] shape = longs(source, name, "shape", node.path("shape"));
        long[] offsets = longs(source, name, "data_offsets", node.path("data_offsets"));
        TensorSpec spec;
        try {
            spec = new TensorSpec(name, type, shape);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(source, "tensor '" + name + "': " + e.getMessage(), e);
        }
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw new WeightsException(source, "tensor '" + name + "' has data_offsets that are no [begin, end]");
        }
        if (offsets[1] - offsets[0] != spec.byteSize()) {
            throw new WeightsException(
                    source,
                    "tensor '" + name + "': " + spec.layout() + " takes " + spec.byteSize()
                            + " bytes but data_offsets span " + (offsets[1] - offsets[0]));
        }
        return new Entry(spec, offsets[0], offsets[1]);
    }

    private static long[] longs(String source, String name, String key, JsonNode node) throws WeightsException {
        if (!node.isArray()) {
            throw new WeightsException(source, "tensor '" + name + "' has no array '" + key + "'");
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new WeightsException(
                        source, "tensor '" + name + "': " + key + " holds " + value + ", not a whole number from 0 up");
            }
            values[i] = value.longValue();
        }
        return values;
    }

    private static void requireFilled(String source, List<Entry> entries, long dataBytes) throws WeightsException {
        long end = 0;
        String previous = "the header";
        for (Entry entry : entries) {
            String name = entry.spec().name();
            if (entry.end() > dataBytes) {
                throw new WeightsException(
                        source,
                        "tensor '" + name + "' ends at byte " + entry.end() + " but only " + dataBytes
                                + " bytes follow the header: the file is truncated or its offsets are wrong");
            }
            if (entry.begin() < end) {
                throw new WeightsException(source, "tensor '" + name + "' overlaps " + previous);
            }
            if (entry.begin() > end) {
                throw new WeightsException(
                        source,
                        "there is a hole of " + (entry.begin() - end) + " bytes between " + previous + " and tensor '"
                                + name + "'");
            }
            end = entry.end();
            previous = "tensor '" + name + "'";
        }
        if (end != dataBytes) {
            throw new WeightsException(
                    source, (dataBytes - end) + " bytes follow " + previous + " that belong to nothing");
        }
    }
}
