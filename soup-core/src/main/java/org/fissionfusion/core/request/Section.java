package org.fissionfusion.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A mapping of the request file being read strictly: whatever is not asked for is refused by {@link #close}. */
final class Section {
    private static final String NUMBER = "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?";

    private final String path;
    private final JsonNode node;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String path, JsonNode node) {
        if (!node.isObject()) {
            throw new RequestException(path.isEmpty() ? "request" : path, node, "allowed: a mapping of keys to values");
        }
        this.path = path;
        this.node = node;
    }

    String key(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private Optional<JsonNode> value(String name) {
        known.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    boolean has(String name) {
        return value(name).isPresent();
    }

    boolean isSection(String name) {
        return value(name).filter(JsonNode::isObject).isPresent();
    }

    Section section(String name) {
        return new Section(key(name), value(name).orElse(JsonNodeFactory.instance.objectNode()));
    }

    Section requiredSection(String name) {
        return new Section(
                key(name), value(name).orElseThrow(() -> new RequestException(key(name), null, "required: a mapping")));
    }

    String text(String name, String meaning) {
        return optionalText(name).orElseThrow(() -> new RequestException(key(name), null, "required: " + meaning));
    }

    Optional<String> optionalText(String name) {
        return value(name).map(value -> {
            if (!value.isValueNode() || value.asText().isBlank()) {
                throw new RequestException(key(name), value, "allowed: a text");
            }
            return value.asText();
        });
    }

    double number(String name, double otherwise, double min, double max, String allowed) {
        return value(name)
                .map(value -> number(key(name), value, min, max, allowed))
                .orElse(otherwise);
    }

    double positive(String name, double otherwise) {
        return number(name, otherwise, Double.MIN_VALUE, Double.MAX_VALUE, "allowed: a finite number above 0");
    }

    private static double number(String key, JsonNode value, double min, double max, String allowed) {
        double number;
        try {
            // YAML 1.1 reads 1e-3 (no dot) as a text.
            String text = value.asText("no number").strip();
            if (!value.isNumber() && !text.matches(NUMBER)) {
                throw new NumberFormatException(text);
            }
            number = value.isNumber() ? value.doubleValue() : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new RequestException(key, value.isValueNode() ? value.asText() : value, allowed);
        }
        if (!Double.isFinite(number) || number < min || number > max) {
            throw new RequestException(key, value.asText(), allowed);
        }
        return number;
    }

    int whole(String name, int otherwise, int min, int max) {
        return (int) wholeLong(name, otherwise, min, max);
    }

    long wholeLong(String name, long otherwise, long min, long max) {
        return value(name).map(value -> whole(key(name), value, min, max)).orElse(otherwise);
    }

    private static long whole(String key, JsonNode value, long min, long max) {
        boolean fits = value.isIntegralNumber() && value.canConvertToLong();
        if (!fits || value.longValue() < min || value.longValue() > max) {
            throw new RequestException(
                    key,
                    value.isValueNode() ? value.asText() : value,
                    "allowed: a whole number from " + min + " to " + max);
        }
        return value.longValue();
    }

    boolean flag(String name, boolean otherwise) {
        return value(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw new RequestException(key(name), value, "allowed: true, false");
                    }
                    return value.booleanValue();
                })
                .orElse(otherwise);
    }

    <T> T choice(String name, List<T> all, Function<T, String> wireName, T otherwise) {
        return value(name).map(value -> choice(key(name), value, all, wireName)).orElse(otherwise);
    }

    static <T> T choice(String key, JsonNode value, List<T> all, Function<T, String> wireName) {
        return all.stream()
                .filter(one -> wireName.apply(one).equals(value.asText()))
                .findFirst()
                .orElseThrow(() -> new RequestException(
                        key,
                        value.isValueNode() ? value.asText() : value,
                        "allowed: "
                                + String.join(", ", all.stream().map(wireName).toList())));
    }

    List<Double> rates(String name, List<Double> otherwise) {
        return distinct(
                name,
                otherwise,
                (key, value) ->
                        number(key, value, Double.MIN_VALUE, Double.MAX_VALUE, "allowed: a finite rate above 0"));
    }

    List<Long> seeds(String name, List<Long> otherwise) {
        return distinct(name, otherwise, (key, value) -> whole(key, value, 0, Long.MAX_VALUE));
    }

    <T> List<T> choices(String name, List<T> all, Function<T, String> wireName, List<T> otherwise) {
        return distinct(name, otherwise, (key, value) -> choice(key, value, all, wireName));
    }

    private <T> List<T> distinct(String name, List<T> otherwise, ElementReader<T> reader) {
        Optional<List<JsonNode>> elements = list(name);
        if (elements.isEmpty()) {
            return otherwise;
        }
        List<T> read = new ArrayList<>();
        for (JsonNode element : elements.get()) {
            T value = reader.read(key(name) + "[" + read.size() + "]", element);
            if (read.contains(value)) {
                throw new RequestException(key(name) + "[" + read.size() + "]", value, "allowed: each value once");
            }
            read.add(value);
        }
        return read;
    }

    Optional<List<JsonNode>> list(String name) {
        return value(name).map(value -> {
            if (!value.isArray() || value.isEmpty()) {
                throw new RequestException(key(name), value, "allowed: a list of at least one element");
            }
            List<JsonNode> elements = new ArrayList<>();
            value.forEach(elements::add);
            return elements;
        });
    }

    Iterable<String> names(String name) {
        return () -> value(name).map(JsonNode::fieldNames).orElseGet(java.util.Collections::emptyIterator);
    }

    /** Refuses every key that nobody asked for. */
    void close() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new RequestException(
                        key(name), node.get(name), "unknown key; allowed here: " + String.join(", ", known));
            }
        });
    }

    private interface ElementReader<T> {
        T read(String key, JsonNode value);
    }
}
