package org.fissionfusion.runtime;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The configured texts by key. Whoever understands a key takes it; what is left at the end nobody understood. */
final class ConfigValues {
    private static final Pattern DURATION = Pattern.compile("([0-9]+)(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("([0-9]+)(KiB|MiB|GiB|TiB)");

    private final Map<String, String> values;

    ConfigValues(Map<String, String> values) {
        this.values = new TreeMap<>(values);
    }

    /** One of the keys that nobody took. */
    Optional<String> unknown() {
        return values.keySet().stream().findFirst();
    }

    /** The text; blank counts as none. */
    Optional<String> text(String key) {
        return Optional.ofNullable(values.remove(key)).map(String::strip).filter(value -> !value.isEmpty());
    }

    Optional<Integer> number(String key) {
        return text(key).map(value -> parseNumber(key, value));
    }

    int number(String key, int otherwise) {
        return number(key).orElse(otherwise);
    }

    private static int parseNumber(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new ConfigException(key, value, "a whole number");
        }
    }

    boolean flag(String key, boolean otherwise) {
        return text(key)
                .map(value -> switch (value) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new ConfigException(key, value, "true or false");
                })
                .orElse(otherwise);
    }

    Duration duration(String key, Duration otherwise) {
        return text(key).map(value -> parseDuration(key, value)).orElse(otherwise);
    }

    private static Duration parseDuration(String key, String value) {
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new ConfigException(key, value, "a number and ms, s, m or h, e.g. 30s");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /** A number of bytes. */
    long size(String key, long otherwise) {
        return text(key).map(value -> parseSize(key, value)).orElse(otherwise);
    }

    private static long parseSize(String key, String value) {
        Matcher matcher = SIZE.matcher(value);
        if (!matcher.matches()) {
            throw new ConfigException(key, value, "a number and KiB, MiB, GiB or TiB, e.g. 16MiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 40;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new ConfigException(key, value, "less than 8388608TiB");
        }
    }

    Optional<URI> address(String key) {
        return text(key).map(value -> {
            URI uri = parseUri(key, value, "http://host:port or https://host:port");
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw new ConfigException(key, value, "http://host:port or https://host:port");
            }
            return uri;
        });
    }

    static URI parseUri(String key, String value, String allowed) {
        try {
            return URI.create(value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, allowed);
        }
    }
}
