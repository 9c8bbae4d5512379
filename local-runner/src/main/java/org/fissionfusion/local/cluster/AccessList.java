package org.fissionfusion.local.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.schemas.Topic;

/** What each service must be allowed to do in Kafka, and nothing more; one principal per role, with the role's name. */
public final class AccessList {
    private static final String TOOL =
            "kafka-acls.sh --bootstrap-server \"$BROKERS\" --command-config \"$ADMIN\" --add";
    private static final String SOUPER = "souper";

    private final List<AclBinding> bindings = new ArrayList<>();
    private final String principal;

    private AccessList(ServiceRole role) {
        this.principal = "User:" + role.wireName();
    }

    /** What the role must be allowed to do. */
    public static List<AclBinding> of(ServiceRole role) {
        AccessList list = new AccessList(role);
        for (Topic<?> topic : role.reads()) {
            list.allow(ResourceType.TOPIC, topic.name(), AclOperation.READ);
        }
        for (Topic<?> topic : role.writes()) {
            list.allow(ResourceType.TOPIC, topic.name(), AclOperation.WRITE);
        }
        // a worker sets up its share group when nobody has; take the last two away where `topics` has run
        role.shareGroup()
                .ifPresent(group -> list.allow(
                        ResourceType.GROUP,
                        group,
                        AclOperation.READ,
                        AclOperation.DESCRIBE_CONFIGS,
                        AclOperation.ALTER_CONFIGS));
        if (role == ServiceRole.SOUPER) {
            list.souper();
        }
        return list.bindings;
    }

    /** Kafka Streams: its group, its transactions, the changelog of its state; and the depth of the queues. */
    private void souper() {
        allow(ResourceType.GROUP, SOUPER, AclOperation.READ);
        for (ServiceRole role : ServiceRole.values()) {
            role.shareGroup().ifPresent(group -> allow(ResourceType.GROUP, group, AclOperation.DESCRIBE));
        }
        String own = SOUPER + "-";
        add(PatternType.PREFIXED, ResourceType.TRANSACTIONAL_ID, own, AclOperation.WRITE);
        for (AclOperation operation :
                List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE, AclOperation.DESCRIBE_CONFIGS)) {
            add(PatternType.PREFIXED, ResourceType.TOPIC, own, operation);
        }
    }

    /** Reading and writing imply describing. */
    private void allow(ResourceType type, String name, AclOperation... operations) {
        for (AclOperation operation : operations) {
            add(PatternType.LITERAL, type, name, operation);
        }
    }

    private void add(PatternType pattern, ResourceType type, String name, AclOperation operation) {
        bindings.add(new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
    }

    /** All roles as a shell script of Kafka's own tool, line by line. */
    public static List<String> commands() {
        List<String> lines = new ArrayList<>();
        lines.add("#!/bin/sh");
        lines.add("# BROKERS: host:port of a broker; ADMIN: a properties file of someone who may alter access lists.");
        for (ServiceRole role : ServiceRole.values()) {
            of(role).forEach(binding -> lines.add(command(binding)));
        }
        return lines;
    }

    private static String command(AclBinding binding) {
        ResourcePattern pattern = binding.pattern();
        String resource = pattern.resourceType().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String prefixed = pattern.patternType() == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "";
        return "%s --allow-principal %s --operation %s --%s %s%s"
                .formatted(
                        TOOL,
                        binding.entry().principal(),
                        operation(binding.entry().operation()),
                        resource,
                        pattern.name(),
                        prefixed);
    }

    /** {@code DESCRIBE_CONFIGS} is DescribeConfigs there. */
    private static String operation(AclOperation operation) {
        StringBuilder name = new StringBuilder();
        for (String word : operation.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
