package org.fissionfusion.schemas;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Keys and certificates for servers at 127.0.0.1, made by the JDK's keytool. */
final class Keytool {
    static final String PASSWORD = "changeit";

    private Keytool() {}

    /** A new key and its self-signed certificate, as PKCS12. */
    static Path key(Path folder) throws IOException {
        Path keys = folder.resolve("keys.p12");
        run("-genkeypair", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "SAN=ip:127.0.0.1", "-keystore", keys);
        return keys;
    }

    /** Its certificate, as PEM. */
    static Path certificate(Path keys) throws IOException {
        Path certificate = keys.resolveSibling("certificate.pem");
        run("-exportcert", "-rfc", "-file", certificate, "-keystore", keys);
        return certificate;
    }

    /** Its certificate as one to trust, as PKCS12. */
    static Path trust(Path keys) throws IOException {
        Path trust = keys.resolveSibling("trust.p12");
        run("-importcert", "-noprompt", "-file", certificate(keys), "-keystore", trust);
        return trust;
    }

    private static void run(Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        command.addAll(List.of("-alias", "registry", "-storepass", PASSWORD, "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
