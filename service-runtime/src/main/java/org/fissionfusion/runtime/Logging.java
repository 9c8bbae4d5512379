package org.fissionfusion.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Sets up logging: one line per message, constant text first, then its facts as {@code key="value"}. */
public final class Logging {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{1} %msg %kvp%n";

    /**
     * What Kafka says is about Kafka; a broker that starts or goes is no error of ours, and a GPU that cannot be used is
     * none where nobody asked for it.
     */
    private static final Map<String, Level> QUIET = Map.of(
            "ai.djl.util.cuda", Level.ERROR,
            "org.apache.kafka", Level.ERROR,
            "kafka", Level.ERROR,
            "state.change.logger", Level.ERROR,
            "org.apache.avro", Level.WARN,
            "org.apache.kafka.clients.consumer.internals.ShareConsumerImpl", Level.ERROR);

    private Logging() {}

    /** Logs to the file, or to standard error when there is none; the folder must exist. */
    public static void configure(Level level, Optional<Path> file) {
        configure(level, file, LogFormat.TEXT);
    }

    /** Logs to the file, or to standard error when there is none, in this format; the folder must exist. */
    public static void configure(Level level, Optional<Path> file, LogFormat format) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Encoder<ILoggingEvent> encoder = switch (format) {
            case TEXT -> text();
            case JSON -> new JsonLines();
        };
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = file.map(Logging::toFile).orElseGet(Logging::toStandardError);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(appender);
        QUIET.forEach((name, quiet) -> context.getLogger(name).setLevel(quiet));
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(PATTERN);
        return encoder;
    }

    private static OutputStreamAppender<ILoggingEvent> toFile(Path file) {
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setFile(file.toString());
        appender.setAppend(true);
        return appender;
    }

    private static OutputStreamAppender<ILoggingEvent> toStandardError() {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        return appender;
    }
}
