package org.fissionfusion.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.slf4j.event.KeyValuePair;

/**
 * A log message as a line of JSON: {@code time}, {@code level}, {@code thread}, {@code logger}, {@code message}, then the
 * message's facts under their own keys ({@code experimentId}, {@code taskId} …), and {@code stack} where there is one.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ObjectNode line = JSON.createObjectNode()
                .put("time", event.getInstant().toString())
                .put("level", event.getLevel().toString())
                .put("thread", event.getThreadName())
                .put("logger", event.getLoggerName())
                .put("message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair fact : event.getKeyValuePairs()) {
                switch (fact.value) {
                    case Long number -> line.put(fact.key, number);
                    case Integer number -> line.put(fact.key, number);
                    case Double number -> line.put(fact.key, number);
                    case Boolean truth -> line.put(fact.key, truth);
                    case null, default -> line.put(fact.key, String.valueOf(fact.value));
                }
            }
        }
        IThrowableProxy cause = event.getThrowableProxy();
        if (cause != null) {
            line.put("stack", ThrowableProxyUtil.asString(cause));
        }
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
