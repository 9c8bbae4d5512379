package org.fissionfusion.runtime;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the object store is. Configured by {@code store.uri} and what belongs to it. */
public sealed interface StoreSettings {
    /** The key that chooses the store. */
    String URI_KEY = "store.uri";

    /**
     * A folder, local or shared.
     *
     * @param path created where missing
     */
    record Folder(Path path) implements StoreSettings {}

    /**
     * A bucket of S3 or of what speaks like it. Credentials are never configured here: they come from where the SDK
     * looks by default (environment, {@code ~/.aws} files, container or instance role).
     *
     * @param prefix in front of every key; empty or with a slash at its end
     * @param endpoint of another S3 than Amazon's
     * @param region unless the SDK finds one, or the endpoint needs none
     * @param pathStyle the bucket is in the path, not in the host name
     * @param traffic how objects travel
     * @param cache where files that are read are kept
     */
    record Bucket(
            String name,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> region,
            boolean pathStyle,
            Traffic traffic,
            Cache cache)
            implements StoreSettings {
        public Bucket {
            if (!name.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
                throw new ConfigException(URI_KEY, "the bucket '" + name + "'", "3 to 63 of a-z, 0-9, '.' and '-'");
            }
            if (!prefix.isEmpty() && !prefix.endsWith("/")) {
                throw new IllegalArgumentException("prefix: '" + prefix + "' has no slash at its end");
            }
        }

        @Override
        public String toString() {
            return "s3://" + name + "/" + prefix
                    + endpoint.map(uri -> " at " + uri).orElse("");
        }
    }

    /**
     * How objects travel.
     *
     * @param partBytes larger ones travel in parts of this size
     * @param timeout without a byte, after which a request is given up
     * @param attempts of a request before the store counts as out of reach
     */
    record Traffic(long partBytes, Duration timeout, int attempts) {
        /** Parts of 16 MiB, 30 s, four attempts. */
        public static final Traffic DEFAULT = new Traffic(16L << 20, Duration.ofSeconds(30), 4);

        private static final long SMALLEST_PART = 5L << 20;
        private static final long LARGEST_PART = 1L << 30;

        public Traffic {
            if (partBytes < SMALLEST_PART || partBytes > LARGEST_PART) {
                throw new ConfigException("store.s3.part.size", partBytes + " bytes", "5MiB to 1GiB");
            }
            if (timeout.isNegative() || timeout.isZero()) {
                throw new ConfigException("store.s3.timeout", timeout.toString(), "more than nothing, e.g. 30s");
            }
            if (attempts < 1) {
                throw new ConfigException("store.s3.attempts", Integer.toString(attempts), "a whole number from 1");
            }
        }
    }

    /**
     * Local copies of what was read or written last.
     *
     * @param folder of a local disk; several processes may share it
     * @param bytes it keeps at most, not counting what is in use
     */
    record Cache(Path folder, long bytes) {
        /** 20 GiB below the system's folder for temporary files. */
        public static final Cache DEFAULT =
                new Cache(Path.of(System.getProperty("java.io.tmpdir"), "fissionfusion-cache"), 20L << 30);
    }

    /**
     * The store of this URI with defaults for the rest.
     *
     * @throws ConfigException when it is neither a folder nor a bucket
     */
    static StoreSettings of(String uri) {
        return from(Map.of(URI_KEY, uri));
    }

    /**
     * From {@code store.*} keys alone.
     *
     * @throws ConfigException naming the key that is unknown, missing or wrong
     */
    static StoreSettings from(Map<String, String> keys) {
        ConfigValues values = new ConfigValues(keys);
        StoreSettings settings = take(values);
        values.unknown().ifPresent(key -> {
            throw new ConfigException(key, "an unknown key", KEYS);
        });
        return settings;
    }

    /** What belongs to an s3:// store only. */
    List<String> S3_KEYS = List.of(
            "store.s3.endpoint",
            "store.s3.region",
            "store.s3.path.style",
            "store.s3.part.size",
            "store.s3.timeout",
            "store.s3.attempts",
            "store.cache.folder",
            "store.cache.size");

    /** Every key, for error messages. */
    String KEYS = URI_KEY + ", " + String.join(", ", S3_KEYS);

    /** Takes its keys from the values. */
    static StoreSettings take(ConfigValues values) {
        String allowed = "file:///folder, s3://bucket/prefix or the path of a folder";
        String text = values.text(URI_KEY).orElseThrow(() -> new ConfigException(URI_KEY, "nothing", allowed));
        if (!text.contains("://")) {
            return folder(Path.of(text), values);
        }
        URI uri = ConfigValues.parseUri(URI_KEY, text, allowed);
        return switch (uri.getScheme()) {
            case "file" -> {
                if (uri.getAuthority() != null
                        || uri.getPath() == null
                        || uri.getPath().isEmpty()) {
                    throw new ConfigException(URI_KEY, text, allowed);
                }
                yield folder(Path.of(uri.getPath()), values);
            }
            case "s3" -> bucket(uri, values);
            default -> throw new ConfigException(URI_KEY, text, allowed);
        };
    }

    private static Folder folder(Path path, ConfigValues values) {
        for (String key : S3_KEYS) {
            values.text(key).ifPresent(value -> {
                throw new ConfigException(key, value, "only with " + URI_KEY + " s3://bucket/prefix");
            });
        }
        return new Folder(path);
    }

    private static Bucket bucket(URI uri, ConfigValues values) {
        String path = uri.getPath().replaceAll("^/+|/+$", "");
        Optional<URI> endpoint = values.address("store.s3.endpoint");
        Traffic traffic = new Traffic(
                values.size("store.s3.part.size", Traffic.DEFAULT.partBytes()),
                values.duration("store.s3.timeout", Traffic.DEFAULT.timeout()),
                values.number("store.s3.attempts", Traffic.DEFAULT.attempts()));
        Cache cache = new Cache(
                values.text("store.cache.folder").map(Path::of).orElse(Cache.DEFAULT.folder()),
                values.size("store.cache.size", Cache.DEFAULT.bytes()));
        return new Bucket(
                String.valueOf(uri.getAuthority()),
                path.isEmpty() ? "" : ObjectKeys.require(path) + "/",
                endpoint,
                values.text("store.s3.region"),
                values.flag("store.s3.path.style", endpoint.isPresent()),
                traffic,
                cache);
    }
}
