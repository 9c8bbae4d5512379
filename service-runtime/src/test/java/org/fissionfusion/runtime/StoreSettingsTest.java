package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreSettingsTest {

    @Test
    void takesAFolderAsPathOrUri() {
        StoreSettings folder = new StoreSettings.Folder(Path.of("/srv/store"));
        assertThat(StoreSettings.of("/srv/store")).isEqualTo(folder);
        assertThat(StoreSettings.of("file:///srv/store")).isEqualTo(folder);
    }

    @Test
    void takesABucketWithEverythingAroundIt() {
        // When
        StoreSettings settings = StoreSettings.from(Map.of(
                "store.uri", "s3://models/lung/2026/",
                "store.s3.endpoint", "http://store:9000",
                "store.s3.region", "eu-central-1",
                "store.s3.path.style", "false",
                "store.s3.part.size", "64MiB",
                "store.s3.timeout", "5s",
                "store.s3.attempts", "2",
                "store.cache.folder", "/cache",
                "store.cache.size", "100GiB"));

        // Then
        assertThat(settings)
                .isEqualTo(new StoreSettings.Bucket(
                        "models",
                        "lung/2026/",
                        Optional.of(URI.create("http://store:9000")),
                        Optional.of("eu-central-1"),
                        false,
                        new StoreSettings.Traffic(64L << 20, Duration.ofSeconds(5), 2),
                        new StoreSettings.Cache(Path.of("/cache"), 100L << 30)));
    }

    @Test
    void putsTheBucketIntoThePathWhenTheEndpointIsNotAmazons() {
        StoreSettings amazon = StoreSettings.of("s3://models");
        assertThat(amazon)
                .isEqualTo(new StoreSettings.Bucket(
                        "models",
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        StoreSettings.Traffic.DEFAULT,
                        StoreSettings.Cache.DEFAULT));
        StoreSettings other =
                StoreSettings.from(Map.of("store.uri", "s3://models", "store.s3.endpoint", "http://store:9000"));
        assertThat(((StoreSettings.Bucket) other).pathStyle()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "store.uri, ftp://x/y, s3://bucket/prefix",
        "store.uri, file://host/y, file:///folder",
        "store.uri, s3://UPPER, bucket",
        "store.uri, s3://, s3://bucket",
        "store.s3.endpoint, store:9000, http://host:port",
        "store.s3.path.style, yes, true or false",
        "store.s3.part.size, 1MiB, 5MiB to 1GiB",
        "store.s3.part.size, 16MB, 16MiB",
        "store.s3.timeout, 30, 30s",
        "store.s3.attempts, 0, from 1",
        "store.cache.size, 99999999999999999999TiB, TiB",
        "store.s3.endpont, x, an unknown key",
    })
    void namesTheKeyThatIsWrong(String key, String value, String expected) {
        Map<String, String> keys = new HashMap<>(Map.of("store.uri", "s3://models"));
        keys.put(key, value);
        assertThatThrownBy(() -> StoreSettings.from(keys))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(key, expected);
    }

    @Test
    void refusesKeysOfS3BesideAFolder() {
        assertThatThrownBy(() -> StoreSettings.from(Map.of("store.uri", "/srv/store", "store.s3.region", "x")))
                .hasMessage("store.s3.region: x is not allowed; allowed: only with store.uri s3://bucket/prefix");
        assertThatThrownBy(() -> StoreSettings.from(Map.of())).hasMessageContaining("store.uri: nothing");
    }
}
