package org.fissionfusion.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Brings files into a bucket and out of it: small ones in one request, larger ones in parts, several at a time. Every
 * upload carries the SHA-256 of its bytes, which the server compares; an object appears when its last byte is there.
 */
final class S3Transfer {
    private static final int PARALLEL = 4;
    private static final int MAXIMUM_PARTS = 10_000;
    private static final int SLOWEST_BYTES_PER_SECOND = 256 * 1024;

    private final S3Client client;
    private final StoreSettings.Bucket bucket;
    private final S3Failures failures;

    S3Transfer(S3Client client, StoreSettings.Bucket bucket, S3Failures failures) {
        this.client = client;
        this.bucket = bucket;
        this.failures = failures;
    }

    private record Range(int number, long start, long bytes) {}

    private List<Range> ranges(long bytes) {
        long size = Math.max(bucket.traffic().partBytes(), Math.ceilDiv(bytes, MAXIMUM_PARTS));
        List<Range> ranges = new ArrayList<>();
        for (long start = 0; start < bytes || ranges.isEmpty(); start += size) {
            ranges.add(new Range(ranges.size() + 1, start, Math.min(size, bytes - start)));
        }
        return ranges;
    }

    /** A request of this many bytes is given up after the configured silence and the time of a very slow line. */
    private Duration patience(long bytes) {
        return bucket.traffic().timeout().plusSeconds(bytes / SLOWEST_BYTES_PER_SECOND);
    }

    void upload(StoredObject object, String fullKey, Path file) {
        List<Range> parts = ranges(object.bytes());
        if (parts.size() == 1) {
            failures.translated(
                    "the upload of",
                    object.key(),
                    () -> client.putObject(
                            put -> put.bucket(bucket.name())
                                    .key(fullKey)
                                    .checksumSHA256(base64(HexFormat.of().parseHex(object.sha256())))
                                    .overrideConfiguration(o -> o.apiCallAttemptTimeout(patience(object.bytes()))),
                            RequestBody.fromFile(file)));
            return;
        }
        String id = failures.translated(
                "the upload of",
                object.key(),
                () -> client.createMultipartUpload(create ->
                                create.bucket(bucket.name()).key(fullKey).checksumAlgorithm(ChecksumAlgorithm.SHA256))
                        .uploadId());
        try {
            List<CompletedPart> done = inParallel(parts, part -> uploadPart(object, fullKey, id, file, part));
            done.sort(Comparator.comparing(CompletedPart::partNumber));
            failures.translated(
                    "the end of the upload of",
                    object.key(),
                    () -> client.completeMultipartUpload(complete -> complete.bucket(bucket.name())
                            .key(fullKey)
                            .uploadId(id)
                            .multipartUpload(upload -> upload.parts(done))));
        } catch (RuntimeException e) {
            abort(object.key(), fullKey, id, e);
            throw e;
        }
    }

    private void abort(String key, String fullKey, String id, RuntimeException reason) {
        try {
            failures.translated(
                    "the abort of the upload of",
                    key,
                    () -> client.abortMultipartUpload(
                            abort -> abort.bucket(bucket.name()).key(fullKey).uploadId(id)));
        } catch (StoreException e) {
            reason.addSuppressed(e); // parts that stay behind are no object; the bucket's lifecycle rule clears them
        }
    }

    private CompletedPart uploadPart(StoredObject object, String fullKey, String id, Path file, Range part) {
        String checksum = base64(digest(file, part));
        RequestBody body =
                RequestBody.fromContentProvider(() -> slice(file, part), part.bytes(), "application/octet-stream");
        String tag = failures.translated(
                "part " + part.number() + " of the upload of",
                object.key(),
                () -> client.uploadPart(
                                upload -> upload.bucket(bucket.name())
                                        .key(fullKey)
                                        .uploadId(id)
                                        .partNumber(part.number())
                                        .checksumSHA256(checksum)
                                        .overrideConfiguration(o -> o.apiCallAttemptTimeout(patience(part.bytes()))),
                                body)
                        .eTag());
        return CompletedPart.builder()
                .partNumber(part.number())
                .eTag(tag)
                .checksumSHA256(checksum)
                .build();
    }

    private static byte[] digest(Path file, Range part) {
        try (InputStream in = slice(file, part)) {
            return LocalFiles.sha256(in, part.bytes());
        } catch (IOException e) {
            throw LocalFiles.failure(file, e);
        }
    }

    /** The file from the start of the range; the SDK stops at its length. */
    private static InputStream slice(Path file, Range part) {
        try {
            return Channels.newInputStream(
                    FileChannel.open(file, StandardOpenOption.READ).position(part.start()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(byte[] digest) {
        return Base64.getEncoder().encodeToString(digest);
    }

    /** Fetches all bytes of an object whose length is known. */
    void download(StoredObject object, String fullKey, Path file) throws IOException {
        Files.createFile(file);
        if (object.bytes() > 0) {
            inParallel(ranges(object.bytes()), range -> downloadRange(object, fullKey, file, range));
        }
    }

    private Range downloadRange(StoredObject object, String fullKey, Path file, Range range) {
        return failures.translated(
                "reading",
                object.key(),
                () -> client.getObject(
                        get -> get.bucket(bucket.name())
                                .key(fullKey)
                                .range("bytes=%d-%d".formatted(range.start(), range.start() + range.bytes() - 1))
                                .overrideConfiguration(o -> o.apiCallAttemptTimeout(patience(range.bytes()))),
                        into(file, range)));
    }

    private static <R> ResponseTransformer<R, Range> into(Path file, Range range) {
        return (response, in) -> {
            write(in, file, range);
            return range;
        };
    }

    private static void write(AbortableInputStream in, Path file, Range range) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.position(range.start());
            byte[] buffer = new byte[1 << 16];
            long left = range.bytes();
            while (left > 0) {
                int read = read(in, buffer, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw RetryableException.create("the connection ended " + left + " bytes early");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                left -= read;
            }
        }
    }

    /** A broken connection is worth another attempt, a full disk is not. */
    private static int read(InputStream in, byte[] buffer, int bytes) {
        try {
            return in.read(buffer, 0, bytes);
        } catch (IOException e) {
            throw RetryableException.create("the connection broke: " + e, e);
        }
    }

    private static <T> List<T> inParallel(List<Range> ranges, Function<Range, T> work) {
        if (ranges.size() == 1) {
            return new ArrayList<>(List.of(work.apply(ranges.getFirst())));
        }
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(PARALLEL, ranges.size()),
                Thread.ofPlatform().daemon().name("s3-", 0).factory());
        try {
            ExecutorCompletionService<T> running = new ExecutorCompletionService<>(threads);
            ranges.forEach(range -> running.submit(() -> work.apply(range)));
            List<T> results = new ArrayList<>();
            for (int i = 0; i < ranges.size(); i++) {
                results.add(running.take().get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreOutageException("interrupted while parts were under way", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
