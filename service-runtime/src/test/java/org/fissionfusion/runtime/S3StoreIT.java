package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.fissionfusion.runtime.ObjectStoreContract.bytes;
import static org.fissionfusion.runtime.ObjectStoreContract.text;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.fissionfusion.s3server.S3Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class S3StoreIT implements ObjectStoreContract {
    private static final int PART = 5 << 20;
    private static final StoreSettings.Traffic PATIENT = new StoreSettings.Traffic(PART, Duration.ofMinutes(2), 2);
    private static final StoreSettings.Traffic IMPATIENT = new StoreSettings.Traffic(PART, Duration.ofSeconds(1), 2);

    @TempDir
    static Path serverFolder;

    private static S3Server server;
    private static int prefixes;

    @TempDir
    Path folder;

    private final List<S3Store> opened = new ArrayList<>();
    private String prefix;
    private S3Store store;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(serverFolder, "models");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        prefixes++;
        prefix = "test-" + prefixes + "/";
        store = open(server.endpoint(), "cache");
    }

    @AfterEach
    void close() {
        opened.forEach(S3Store::close);
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public Path fileOf(String key) {
        return server.file("models", prefix + key);
    }

    private S3Store open(URI endpoint, String cache) {
        return open(settings("models", endpoint, cache, PATIENT), S3Server.SECRET_KEY);
    }

    private StoreSettings.Bucket settings(String bucket, URI endpoint, String cache, StoreSettings.Traffic traffic) {
        return new StoreSettings.Bucket(
                bucket,
                prefix,
                Optional.of(endpoint),
                Optional.empty(),
                true,
                traffic,
                new StoreSettings.Cache(folder.resolve(cache), 1L << 30));
    }

    private S3Store open(StoreSettings.Bucket settings, String secret) {
        S3Store store = S3Store.open(
                settings, StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)));
        opened.add(store);
        return store;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void bringsALargeFileInPartsAndBack() throws IOException {
        // Given
        byte[] content = random(2 * PART + 17);

        // When
        StoredObject object = store.put("checkpoints", ".bin", file -> Files.write(file, content));

        // Then
        assertThat(fileOf(object.key())).hasBinaryContent(content);
        S3Store elsewhere = open(server.endpoint(), "another cache");
        assertThat(elsewhere.verified(object)).hasBinaryContent(content);
        assertThat(elsewhere.entries("checkpoints/").getFirst().bytes()).isEqualTo(content.length);
    }

    @Test
    void showsNothingOfAnUploadThatIsCutAndSucceedsAfterwards() throws Exception {
        try (Cable cable = new Cable(server.endpoint())) {
            // Given
            S3Store remote = open(cable.endpoint(), "remote");
            ObjectWriter writer = file -> Files.write(file, random(PART + 17));
            cable.cutAfter(PART / 2);

            // When
            assertThatThrownBy(() -> remote.put("soups", ".bin", writer)).isInstanceOf(StoreOutageException.class);

            // Then
            cable.awaitCut();
            assertThat(store.list("")).isEmpty();
            cable.mend();
            StoredObject object = remote.put("soups", ".bin", writer);
            assertThat(fileOf(object.key())).hasBinaryContent(random(PART + 17));
        }
    }

    @Test
    void goesOnWhenTheServerWasKilledDuringAnUpload() throws Exception {
        try (Cable cable = new Cable(server.endpoint())) {
            // Given
            S3Store remote = open(cable.endpoint(), "remote");
            ObjectWriter writer = file -> Files.write(file, random(PART + 19));
            cable.cutAfter(PART / 2);
            FutureTask<StoredObject> upload = new FutureTask<>(
                    () -> Outages.waitOut("upload", () -> false, () -> remote.put("soups", ".bin", writer)));
            Thread.ofVirtual().start(upload);

            // When
            cable.awaitCut();
            server.kill();
            cable.mend();
            server.start();

            // Then
            assertThat(fileOf(upload.get(5, TimeUnit.MINUTES).key())).hasBinaryContent(random(PART + 19));
        }
    }

    @Test
    void callsAServerThatNeverAnswersOutOfReach() throws Exception {
        try (Cable cable = new Cable(server.endpoint())) {
            StoredObject object = store.put("soups", ".bin", text("abc"));
            S3Store remote = open(settings("models", cable.endpoint(), "remote", IMPATIENT), S3Server.SECRET_KEY);
            cable.hold();
            assertThatThrownBy(() -> remote.read(object.key()))
                    .isInstanceOf(StoreOutageException.class)
                    .hasMessageContainingAll("out of reach", object.key());
            assertThatThrownBy(() -> remote.put("soups", ".bin", file -> Files.write(file, random(PART + 17))))
                    .isInstanceOf(StoreOutageException.class);
            cable.mend();
            assertThat(open(cable.endpoint(), "remote").read(object.key())).isEqualTo(bytes("abc"));
        }
    }

    @Test
    void createsOnceOutOfTwoProcesses() {
        S3Store other = open(server.endpoint(), "other");
        for (int round = 0; round < 20; round++) {
            String key = "claims/" + round;
            List<Boolean> created = IntStream.range(0, 8)
                    .parallel()
                    .mapToObj(i -> (i % 2 == 0 ? store : other).createIfAbsent(key, bytes("" + i)))
                    .toList();
            assertThat(created).containsOnlyOnce(true);
            assertThat(store.read(key)).asString().isEqualTo("" + created.indexOf(true));
        }
    }

    @Test
    void knowsItsOwnCreationWhenTheAnswerToItWasLost() throws Exception {
        try (Cable cable = new Cable(server.endpoint())) {
            // Given
            S3Store remote = open(cable.endpoint(), "remote");
            remote.createIfAbsent("claims/first", bytes("x"));

            // When
            cable.loseNextAnswer();
            boolean created = remote.createIfAbsent("claims/second", bytes("mine"));

            // Then
            assertThat(created).isTrue();
            assertThat(store.createIfAbsent("claims/second", bytes("mine"))).isFalse();
        }
    }

    @Test
    void refusesAServerThatIgnoresTheCondition() throws IOException {
        HttpServer careless = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        careless.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        careless.start();
        try {
            S3Store wrong =
                    open(URI.create("http://127.0.0.1:" + careless.getAddress().getPort()), "cache");
            assertThatThrownBy(() -> wrong.createIfAbsent("claims/a", bytes("x")))
                    .isInstanceOf(StoreAccessException.class)
                    .hasMessageContaining("If-None-Match");
        } finally {
            careless.stop(0);
        }
    }

    @Test
    void saysWhatIsWrongWithBucketCredentialsAndAddress() throws IOException {
        assertThatThrownBy(
                        open(settings("nothing", server.endpoint(), "cache", PATIENT), S3Server.SECRET_KEY)
                                ::requireAccess)
                .isInstanceOf(StoreAccessException.class)
                .hasMessageContainingAll(
                        "no bucket 'nothing'", server.endpoint().toString(), "create it", "store.uri");
        S3Store stranger = open(settings("models", server.endpoint(), "cache", PATIENT), "wrong");
        assertThatThrownBy(stranger::requireAccess)
                .isInstanceOf(StoreAccessException.class)
                .hasMessageContainingAll("403", "SignatureDoesNotMatch", "AWS_ACCESS_KEY_ID", "s3://models/" + prefix);
        assertThatThrownBy(() -> stranger.put("soups", ".bin", text("abc"))).isInstanceOf(StoreAccessException.class);
        assertThat(Outages.isOutage(new StoreAccessException("", null))).isTrue();
        URI dead;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }
        S3Store nowhere = open(dead, "cache");
        nowhere.requireAccess(); // an outage passes: it is not refused
        assertThatThrownBy(() -> nowhere.read("a"))
                .isInstanceOf(StoreOutageException.class)
                .hasMessageContainingAll("out of reach", dead.toString());
    }

    @Test
    void findsThatTheServersBytesWereAltered() throws IOException {
        // Given
        StoredObject object = store.put("soups", ".bin", text("abc"));
        Files.writeString(fileOf(object.key()), "abX");

        // When
        S3Store elsewhere = open(server.endpoint(), "another cache");

        // Then
        assertThatThrownBy(() -> elsewhere.verified(object)).isInstanceOf(CorruptObjectException.class);
        Files.writeString(fileOf(object.key()), "ab");
        assertThatThrownBy(() -> elsewhere.verified(object)).isInstanceOf(CorruptObjectException.class);
        assertThat(store.verified(object)).as("the copy of the cache is good").hasContent("abc");
    }

    @Test
    void isMadeFromConfiguration() {
        Map<String, String> keys = Map.of(
                "store.uri", "s3://models/" + prefix,
                "store.s3.endpoint", server.endpoint().toString(),
                "store.cache.folder", folder.resolve("cache").toString());
        System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
        try (ObjectStore configured = ObjectStores.open(StoreSettings.from(keys))) {
            StoredObject object = configured.put("soups", ".bin", text("abc"));
            assertThat(store.read(object.key())).isEqualTo(bytes("abc"));
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }
}
