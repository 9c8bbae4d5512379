package org.fissionfusion.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.local.cluster.AccessList;
import org.fissionfusion.local.cluster.ClusterSetup;
import org.fissionfusion.schemas.TopicSetup;
import org.fissionfusion.schemas.Topics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code topics}. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = {
            "Creates the topics that a cluster lacks, sets up the share groups of its workers, and compares what is",
            "there with what is declared. What a site has set is never changed.",
            "Exit code 1: something is so that records would be lost, skipped or misplaced."
        })
final class TopicsCommand implements Callable<Integer> {
    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "partitions of the topics keyed by experiment, default: ${DEFAULT-VALUE}")
    private int partitions = Topics.DEFAULT_KEYED_PARTITIONS;

    @Option(names = "--replication", paramLabel = "N", description = "replicas, default: what the brokers say")
    private Short replication;

    @Option(names = "--verify", description = "create and set nothing, only compare")
    private boolean verifyOnly;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(
            names = "--acls",
            description =
                    "print, as commands of Kafka's own tool, what each service must be allowed to do; asks no broker")
    private boolean acls;

    @Mixin
    private ClusterOptions cluster;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (acls) {
            AccessList.commands().forEach(out::println);
            out.flush();
            return FissionFusion.DONE;
        }
        ClusterSetup.Report report;
        try (Admin admin = cluster.clients().admin()) {
            ClusterSetup setup = new ClusterSetup(new TopicSetup(partitions, Optional.ofNullable(replication)));
            report = verifyOnly ? setup.verify(admin) : setup.apply(admin);
        }
        if (json) {
            out.println(json(report).toPrettyString());
        } else {
            report.created().forEach(name -> out.println("created  " + name));
            report.missing().forEach(name -> out.println("MISSING  " + name));
            report.differences()
                    .forEach(
                            difference -> out.println((difference.matters() ? "WRONG    " : "differs  ") + difference));
            out.println(
                    report.good() ? "topics and share groups are as they must be" : "topics or share groups are wrong");
        }
        out.flush();
        return report.good() ? FissionFusion.DONE : FissionFusion.FAILED;
    }

    private static ObjectNode json(ClusterSetup.Report report) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("good", report.good());
        report.created().forEach(node.putArray("created")::add);
        report.missing().forEach(node.putArray("missing")::add);
        ArrayNode differences = node.putArray("differences");
        report.differences()
                .forEach(difference -> differences
                        .addObject()
                        .put("resource", difference.resource())
                        .put("setting", difference.setting())
                        .put("found", difference.found())
                        .put("declared", difference.declared())
                        .put("matters", difference.matters()));
        return node;
    }
}
