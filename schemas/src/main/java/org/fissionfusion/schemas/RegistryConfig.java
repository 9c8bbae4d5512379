package org.fissionfusion.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * How to reach a registry, from Confluent's configuration keys.
 *
 * @param urls tried in turn
 * @param authorization value of the Authorization header
 * @param tls trust and key store, when configured
 * @param connectTimeout until a server that does not answer is given up
 * @param readTimeout of one request
 */
record RegistryConfig(
        List<URI> urls,
        Optional<String> authorization,
        Optional<SSLContext> tls,
        Duration connectTimeout,
        Duration readTimeout) {
    static final String URL = "schema.registry.url";
    static final String AUTO_REGISTER = "auto.register.schemas";
    static final String USE_LATEST = "use.latest.version";
    private static final String BASIC_SOURCE = "basic.auth.credentials.source";
    private static final String BASIC_USER = "basic.auth.user.info";
    private static final String BASIC_USER_TOO = "schema.registry.basic.auth.user.info";
    private static final String BEARER_SOURCE = "bearer.auth.credentials.source";
    private static final String BEARER_TOKEN = "bearer.auth.token";
    private static final String CONNECT_TIMEOUT = "schema.registry.http.connect.timeout.ms";
    private static final String READ_TIMEOUT = "schema.registry.http.read.timeout.ms";

    /** Every key a {@link SerdeFactory} understands, without those of TLS. */
    static final List<String> KEYS = List.of(
            URL,
            AUTO_REGISTER,
            USE_LATEST,
            BASIC_SOURCE,
            BASIC_USER,
            BASIC_USER_TOO,
            BEARER_SOURCE,
            BEARER_TOKEN,
            CONNECT_TIMEOUT,
            READ_TIMEOUT);

    static final String TLS_PREFIX = "schema.registry.ssl.";
    private static final List<String> TLS_KEYS = List.of(
            "truststore.location",
            "truststore.password",
            "truststore.type",
            "keystore.location",
            "keystore.password",
            "keystore.type",
            "key.password");

    static RegistryConfig from(Map<String, ?> config) {
        List<URI> urls = Arrays.stream(text(config, URL).orElse("").split(","))
                .map(String::strip)
                .filter(url -> !url.isEmpty())
                .map(url -> url.replaceAll("/+$", ""))
                .map(URI::create)
                .toList();
        for (URI url : urls) {
            String scheme = Objects.toString(url.getScheme(), "");
            if (!List.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))) {
                throw new RegistryException(URL + ": " + url + " is not http://, https://, mock:// or bundled://");
            }
        }
        if (urls.isEmpty()) {
            throw new RegistryException(URL + " names no server");
        }
        return new RegistryConfig(
                urls.stream().map(RegistryConfig::withoutUser).toList(),
                authorization(config, urls),
                tls(config),
                millis(config, CONNECT_TIMEOUT, Duration.ofSeconds(5)),
                millis(config, READ_TIMEOUT, Duration.ofSeconds(30)));
    }

    private static Duration millis(Map<String, ?> config, String key, Duration otherwise) {
        return text(config, key)
                .map(value -> {
                    try {
                        return Duration.ofMillis(Integer.parseUnsignedInt(value));
                    } catch (NumberFormatException e) {
                        throw new RegistryException(key + ": " + value + " is not a number of milliseconds", e);
                    }
                })
                .orElse(otherwise);
    }

    private static Optional<String> authorization(Map<String, ?> config, List<URI> urls) {
        if (text(config, BEARER_SOURCE).isPresent()) {
            oneOf(config, BEARER_SOURCE, "STATIC_TOKEN");
            return Optional.of("Bearer " + required(config, BEARER_TOKEN));
        }
        if (oneOf(config, BASIC_SOURCE, "USER_INFO", "URL").equals("USER_INFO")) {
            return Optional.of(basic(text(config, BASIC_USER_TOO).orElseGet(() -> required(config, BASIC_USER))));
        }
        return urls.stream()
                .map(URI::getUserInfo)
                .filter(Objects::nonNull)
                .findFirst()
                .map(RegistryConfig::basic);
    }

    private static String oneOf(Map<String, ?> config, String key, String... allowed) {
        String value = text(config, key).orElse("URL");
        if (text(config, key).isPresent() && !List.of(allowed).contains(value)) {
            throw new RegistryException(key + ": " + value + " is not one of " + List.of(allowed));
        }
        return value;
    }

    private static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }

    private static URI withoutUser(URI url) {
        return url.getRawUserInfo() == null ? url : URI.create(url.toString().replace(url.getRawUserInfo() + "@", ""));
    }

    private static Optional<SSLContext> tls(Map<String, ?> config) {
        for (String key : config.keySet()) {
            if (key.startsWith(TLS_PREFIX) && !TLS_KEYS.contains(key.substring(TLS_PREFIX.length()))) {
                throw new RegistryException(key + " is not supported; allowed after " + TLS_PREFIX + ": " + TLS_KEYS);
            }
        }
        Optional<KeyStore> trust = store(config, "truststore");
        Optional<KeyStore> keys = store(config, "keystore");
        if (trust.isEmpty() && keys.isEmpty()) {
            return Optional.empty();
        }
        try {
            TrustManager[] trusted = null;
            if (trust.isPresent()) {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(trust.get());
                trusted = factory.getTrustManagers();
            }
            KeyManager[] own = null;
            if (keys.isPresent()) {
                String password = text(config, TLS_PREFIX + "key.password")
                        .or(() -> text(config, TLS_PREFIX + "keystore.password"))
                        .orElse("");
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(keys.get(), password.toCharArray());
                own = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trusted, null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new RegistryException(TLS_PREFIX + "*: " + e.getMessage(), e);
        }
    }

    private static Optional<KeyStore> store(Map<String, ?> config, String which) {
        String key = TLS_PREFIX + which + ".location";
        return text(config, key).map(location -> {
            try (InputStream in = Files.newInputStream(Path.of(location))) {
                String type = text(config, TLS_PREFIX + which + ".type").orElse(KeyStore.getDefaultType());
                if (type.equals("PEM")) {
                    return certificates(key, in);
                }
                KeyStore store = KeyStore.getInstance(type);
                store.load(
                        in,
                        text(config, TLS_PREFIX + which + ".password")
                                .orElse("")
                                .toCharArray());
                return store;
            } catch (IOException | GeneralSecurityException e) {
                throw new RegistryException(key + ": cannot open " + location + ": " + e.getMessage(), e);
            }
        });
    }

    /** Trusted certificates as text; keys need a PKCS12 or JKS store. */
    private static KeyStore certificates(String key, InputStream in) throws IOException, GeneralSecurityException {
        if (key.contains("keystore")) {
            throw new RegistryException(key + ": the type PEM is for trusted certificates; use PKCS12 for keys");
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            store.setCertificateEntry("trusted-" + store.size(), certificate);
        }
        if (store.size() == 0) {
            throw new RegistryException(key + " holds no certificate");
        }
        return store;
    }

    private static String required(Map<String, ?> config, String key) {
        return text(config, key).orElseThrow(() -> new RegistryException(key + " is missing"));
    }

    private static Optional<String> text(Map<String, ?> config, String key) {
        return Optional.ofNullable(config.get(key)).map(Object::toString).filter(value -> !value.isBlank());
    }
}
