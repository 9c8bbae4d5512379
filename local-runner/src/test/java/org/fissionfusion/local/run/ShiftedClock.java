package org.fissionfusion.local.run;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A machine's clock that jumps: in a JVM with {@link #options} the wall clock of Kafka, the S3 client and our own code
 * goes wrong by as much as a file says. As with a real jump, time that is measured goes on as before.
 */
public final class ShiftedClock {
    private static final ClassDesc SELF = ClassDesc.of(ShiftedClock.class.getName());
    private static final List<String> SHIFTED =
            List.of("org/apache/kafka/", "kafka/", "software/amazon/", "org/fissionfusion/");

    private static volatile long offsetMillis;

    private ShiftedClock() {}

    /**
     * Options of a JVM whose clock can be shifted.
     *
     * @param folder for the agent and for the file that says how wrong the clock is
     */
    static List<String> options(Path folder) {
        try {
            return List.of("-javaagent:" + agent(Files.createDirectories(folder)) + "=" + file(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the agent into " + folder, e);
        }
    }

    private static Path agent(Path folder) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", ShiftedClock.class.getName());
        Path agent = folder.resolve("clock.jar");
        try (OutputStream out = Files.newOutputStream(agent)) {
            new JarOutputStream(out, manifest).close();
        }
        shift(folder, Duration.ZERO);
        return agent;
    }

    /** Lets all of these JVMs' clocks jump. */
    static void shift(Path folder, Duration offset) throws IOException {
        Path next = folder.resolve("offset.next");
        Files.writeString(next, Long.toString(offset.toMillis()));
        Files.move(next, file(folder), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path file(Path folder) {
        return folder.resolve("offset");
    }

    /** Called by the JVM before {@code main}. */
    public static void premain(String file, Instrumentation instrumentation) {
        follow(Path.of(file));
        Thread.ofPlatform().daemon().name("clock").start(() -> {
            while (true) {
                follow(Path.of(file));
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte[] transform(
                    ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
                return SHIFTED.stream().anyMatch(name::startsWith) && readsTheClock(bytes)
                        ? shifted(loader, bytes)
                        : null;
            }
        });
    }

    private static void follow(Path file) {
        try {
            offsetMillis = Long.parseLong(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean readsTheClock(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.contains("currentTimeMillis") || text.contains("java/time/Instant");
    }

    private static byte[] shifted(ClassLoader loader, byte[] bytes) {
        ClassFile classFile = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader).orElse(ClassHierarchyResolver.defaultResolver())));
        CodeTransform calls = (builder, element) -> {
            if (element instanceof InvokeInstruction call && isClock(call)) {
                builder.invokestatic(SELF, call.name().stringValue(), call.typeSymbol());
            } else {
                builder.with(element);
            }
        };
        return classFile.transformClass(classFile.parse(bytes), ClassTransform.transformingMethodBodies(calls));
    }

    private static boolean isClock(InvokeInstruction call) {
        String what = call.owner().asInternalName() + "." + call.name().stringValue()
                + call.type().stringValue();
        return what.equals("java/lang/System.currentTimeMillis()J")
                || what.equals("java/time/Instant.now()Ljava/time/Instant;");
    }

    /** What {@link System#currentTimeMillis} is replaced by. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + offsetMillis;
    }

    /** What {@link Instant#now} is replaced by. */
    public static Instant now() {
        return Instant.now().plusMillis(offsetMillis);
    }
}
