package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The object store as a bucket of S3, or of anything that speaks like it and knows conditional writes. What is read comes
 * from a local cache.
 */
final class S3Store implements ObjectStore {
    private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int CONFLICTS_BORNE = 10;
    private static final String PROBE = "probes/conditional-put";
    private static final String CREATOR = "creator";

    private final StoreSettings.Bucket bucket;
    private final S3Client client;
    private final S3Failures failures;
    private final S3Transfer transfer;
    private final ReadCache cache;
    private final AtomicBoolean conditionsHold = new AtomicBoolean();

    private S3Store(StoreSettings.Bucket bucket, S3Client client, ReadCache cache) {
        this.bucket = bucket;
        this.client = client;
        this.failures = new S3Failures(bucket);
        this.transfer = new S3Transfer(client, bucket, failures);
        this.cache = cache;
    }

    /** With the credentials that the SDK finds. Nothing is asked of the server yet. */
    static S3Store open(StoreSettings.Bucket bucket) {
        return open(bucket, DefaultCredentialsProvider.builder().build());
    }

    static S3Store open(StoreSettings.Bucket bucket, AwsCredentialsProvider credentials) {
        StoreSettings.Traffic traffic = bucket.traffic();
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .region(region(bucket))
                .forcePathStyle(bucket.pathStyle())
                // every upload carries a SHA-256, and every file read is compared with its object's
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(min(CONNECT_PATIENCE, traffic.timeout()))
                        .socketTimeout(traffic.timeout()))
                .overrideConfiguration(
                        o -> o.apiCallAttemptTimeout(traffic.timeout().multipliedBy(2))
                                .retryStrategy(StandardRetryStrategy.builder()
                                        .maxAttempts(traffic.attempts())
                                        .build()));
        bucket.endpoint().ifPresent(builder::endpointOverride);
        return new S3Store(bucket, builder.build(), ReadCache.open(bucket.cache()));
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Region region(StoreSettings.Bucket bucket) {
        if (bucket.region().isPresent()) {
            return Region.of(bucket.region().get());
        }
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (SdkClientException e) {
            if (bucket.endpoint().isPresent()) {
                return Region.US_EAST_1; // other S3 servers take any
            }
            throw new ConfigException("store.s3.region", "nothing", "the region of the bucket, e.g. eu-central-1");
        }
    }

    /**
     * Lists one object: the earliest moment at which a wrong bucket and wrong credentials can be told.
     *
     * @throws StoreAccessException when the server says no
     */
    void requireAccess() {
        try {
            failures.translated(
                    "listing",
                    bucket.prefix(),
                    () -> client.listObjectsV2(list ->
                            list.bucket(bucket.name()).prefix(bucket.prefix()).maxKeys(1)));
        } catch (StoreOutageException e) {
            LOG.atWarn()
                    .addKeyValue("store", bucket)
                    .addKeyValue("reason", e.getMessage())
                    .log("the store is out of reach; work waits for it");
        }
    }

    private String full(String key) {
        return bucket.prefix() + ObjectKeys.require(key);
    }

    @Override
    public StoredObject put(String prefix, String suffix, ObjectWriter writer) {
        ObjectKeys.require(prefix);
        return store(writer, (sha256, bytes) -> {
            StoredObject object = new StoredObject(prefix + "/" + sha256 + suffix, sha256, bytes);
            ObjectKeys.require(object.key());
            return object;
        });
    }

    @Override
    public StoredObject putAs(String key, ObjectWriter writer) {
        ObjectKeys.require(key);
        return store(writer, (sha256, bytes) -> new StoredObject(key, sha256, bytes));
    }

    private interface Naming {
        StoredObject name(String sha256, long bytes);
    }

    private StoredObject store(ObjectWriter writer, Naming naming) {
        Path temporary = cache.temporary();
        try {
            writer.write(temporary);
            StoredObject object = naming.name(LocalFiles.sha256(temporary), Files.size(temporary));
            transfer.upload(object, full(object.key()), temporary);
            cache.adopt(object, temporary);
            return object;
        } catch (IOException e) {
            throw LocalFiles.failure(temporary.getParent(), e);
        } catch (UncheckedIOException e) {
            throw LocalFiles.failure(temporary.getParent(), e.getCause());
        } finally {
            LocalFiles.remove(temporary);
        }
    }

    @Override
    public boolean createIfAbsent(String key, byte[] content) {
        String full = full(key);
        if (!conditionsHold.get()) {
            requireConditionalWrites();
        }
        return create(key, full, content);
    }

    /** A server that ignores the condition would let two trainers claim one task, silently: found out before the first use. */
    private void requireConditionalWrites() {
        String full = bucket.prefix() + PROBE;
        boolean first = create(PROBE, full, new byte[0]);
        boolean again = create(PROBE, full, new byte[0]);
        if (first && again) {
            throw new StoreAccessException(
                    bucket + " ignores If-None-Match: two writers could create the same object; use an S3 that knows"
                            + " conditional writes",
                    null);
        }
        conditionsHold.set(true);
    }

    private boolean create(String key, String full, byte[] content) {
        String creator = UUID.randomUUID().toString();
        String checksum = Base64.getEncoder().encodeToString(LocalFiles.sha256(content));
        return failures.translated("creating", key, () -> {
            for (int conflicts = 0; ; conflicts++) {
                try {
                    client.putObject(
                            put -> put.bucket(bucket.name())
                                    .key(full)
                                    .ifNoneMatch("*")
                                    .metadata(Map.of(CREATOR, creator))
                                    .checksumSHA256(checksum),
                            RequestBody.fromBytes(content));
                    return true;
                } catch (S3Exception e) {
                    if (e.statusCode() == PRECONDITION_FAILED) {
                        return isCreatedBy(full, creator);
                    }
                    if (e.statusCode() != CONFLICT || conflicts == CONFLICTS_BORNE) {
                        throw e;
                    }
                }
            }
        });
    }

    /** When the answer to a request that succeeded was lost, the SDK's next attempt meets our own object. */
    private boolean isCreatedBy(String full, String creator) {
        HeadObjectResponse found =
                client.headObject(head -> head.bucket(bucket.name()).key(full));
        return creator.equals(found.metadata().get(CREATOR));
    }

    @Override
    public Path verified(StoredObject object) {
        String full = full(object.key());
        return cache.get(object, file -> {
            long bytes = failures.translated(
                            "reading",
                            object.key(),
                            () -> client.headObject(
                                    head -> head.bucket(bucket.name()).key(full)))
                    .contentLength();
            if (bytes != object.bytes()) {
                throw new CorruptObjectException(object, "bytes", Long.toString(bytes));
            }
            transfer.download(object, full, file);
        });
    }

    @Override
    public byte[] read(String key) {
        String full = full(key);
        return failures.translated(
                "reading",
                key,
                () -> client.getObjectAsBytes(get -> get.bucket(bucket.name()).key(full))
                        .asByteArray());
    }

    @Override
    public List<StoredEntry> entries(String prefix) {
        String full = bucket.prefix() + prefix;
        return failures.translated("listing", prefix, () -> {
            List<StoredEntry> entries = new ArrayList<>();
            for (S3Object object : client.listObjectsV2Paginator(
                            list -> list.bucket(bucket.name()).prefix(full))
                    .contents()) {
                entries.add(new StoredEntry(
                        object.key().substring(bucket.prefix().length()), object.size(), object.lastModified()));
            }
            return entries;
        });
    }

    @Override
    public void delete(String key) {
        String full = full(key);
        failures.translated(
                "deleting",
                key,
                () -> client.deleteObject(delete -> delete.bucket(bucket.name()).key(full)));
    }

    @Override
    public boolean exists(String key) {
        String full = full(key);
        try {
            failures.translated(
                    "looking for",
                    key,
                    () -> client.headObject(head -> head.bucket(bucket.name()).key(full)));
            return true;
        } catch (MissingObjectException e) {
            return false;
        }
    }

    @Override
    public void release() {
        cache.release();
    }

    @Override
    public void close() {
        cache.close();
        client.close();
    }

    @Override
    public String toString() {
        return bucket.toString();
    }
}
