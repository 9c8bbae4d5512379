package org.fissionfusion.local.cluster;

import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.schemas.Topic;

/** What each service must be allowed to do, and nothing more, as commands of Kafka's {@code kafka-acls.sh}. */
public final class AccessList {
    private static final String TOOL =
            "kafka-acls.sh --bootstrap-server \"$BROKERS\" --command-config \"$ADMIN\" --add";

    private AccessList() {}

    /** A shell script, line by line. */
    public static List<String> commands() {
        List<String> lines = new ArrayList<>();
        lines.add("#!/bin/sh");
        lines.add("# One principal per service: User:souper, User:trainer, User:evaluator, User:client.");
        lines.add("# BROKERS: host:port of a broker; ADMIN: a properties file of someone who may alter access lists.");
        for (ServiceRole role : ServiceRole.values()) {
            String principal = " --allow-principal User:" + role.wireName();
            for (Topic<?> topic : role.reads()) {
                lines.add(TOOL + principal + " --operation Read --operation Describe --topic " + topic.name());
            }
            for (Topic<?> topic : role.writes()) {
                lines.add(TOOL + principal + " --operation Write --operation Describe --topic " + topic.name());
            }
            role.shareGroup()
                    .ifPresent(group -> lines.add(TOOL + principal
                            + " --operation Read --operation Describe --operation DescribeConfigs"
                            + " --operation AlterConfigs --group " + group));
            if (role == ServiceRole.SOUPER) {
                souperStreams(lines, principal);
            }
        }
        return lines;
    }

    /** Kafka Streams: its consumer group, its transactions, and the changelogs of its state. */
    private static void souperStreams(List<String> lines, String principal) {
        String prefixed = " --resource-pattern-type prefixed";
        lines.add(TOOL + principal + " --operation Read --operation Describe --group souper");
        lines.add(TOOL + principal + " --operation Write --operation Describe --transactional-id souper-" + prefixed);
        lines.add(TOOL + principal
                + " --operation Read --operation Write --operation Create --operation Describe"
                + " --operation DescribeConfigs --topic souper-" + prefixed);
    }
}
