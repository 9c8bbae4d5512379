package org.fissionfusion.core.request;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Identity of a resolved request: SHA-256 over a canonical text of its records. */
final class RequestDigest {
    private RequestDigest() {}

    static String of(ExperimentRequest request) {
        // Records print every component in declaration order, doubles in their shortest exact form.
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(request.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
