package org.fissionfusion.runtime;

import java.io.UncheckedIOException;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Puts what the SDK throws into this store's words: missing, refused or out of reach. */
final class S3Failures {
    private static final int NOT_FOUND = 404;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int TOO_MANY = 429;
    private static final Set<String> PASSING =
            Set.of("RequestTimeout", "SlowDown", "RequestTimeTooSkewed", "BadDigest");

    private final StoreSettings.Bucket bucket;

    S3Failures(StoreSettings.Bucket bucket) {
        this.bucket = bucket;
    }

    /**
     * Calls the SDK.
     *
     * @param what in progress, for messages
     * @throws MissingObjectException when the answer is that there is no such object
     */
    <T> T translated(String what, String key, Supplier<T> call) {
        try {
            return call.get();
        } catch (NoSuchBucketException e) {
            throw noBucket(e);
        } catch (S3Exception e) {
            throw answered(what, key, e);
        } catch (AbortedException e) {
            Thread.currentThread().interrupt();
            throw new StoreOutageException("interrupted: " + what + " " + key, e);
        } catch (SdkClientException e) {
            throw unanswered(what, key, e);
        } catch (UncheckedIOException e) {
            throw new StoreOutageException("%s: %s %s broke: %s".formatted(bucket, what, key, e.getMessage()), e);
        }
    }

    private StoreException answered(String what, String key, S3Exception e) {
        String code = e.awsErrorDetails() == null
                ? ""
                : String.valueOf(e.awsErrorDetails().errorCode());
        int status = e.statusCode();
        if (code.equals("NoSuchBucket")) {
            return noBucket(e);
        }
        if (status == NOT_FOUND) {
            return new MissingObjectException(key);
        }
        String text = "%s answers %s %s with %d %s (%s)".formatted(bucket, what, key, status, code, e.getMessage());
        if (status >= 500
                || status == REQUEST_TIMEOUT
                || status == CONFLICT
                || status == TOO_MANY
                || PASSING.contains(code)) {
            return new StoreOutageException(text, e);
        }
        return new StoreAccessException(
                text + "; check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or the role of"
                        + " the machine), store.s3.region and what the policy of the bucket allows",
                e);
    }

    private StoreAccessException noBucket(S3Exception e) {
        return new StoreAccessException(
                "there is no bucket '" + bucket.name() + "'"
                        + bucket.endpoint().map(uri -> " at " + uri).orElse("") + ": create it, or correct store.uri",
                e);
    }

    private StoreException unanswered(String what, String key, SdkClientException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load credentials") || message.contains("Unable to load region")) {
            return new StoreAccessException(
                    bucket + ": no credentials or no region: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and"
                            + " store.s3.region, or provide ~/.aws or a role (" + message + ")",
                    e);
        }
        return new StoreOutageException(bucket + " is out of reach: " + what + " " + key + ": " + message, e);
    }
}
