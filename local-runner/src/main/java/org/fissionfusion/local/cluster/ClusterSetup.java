package org.fissionfusion.local.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.fissionfusion.runtime.ServiceRole;
import org.fissionfusion.runtime.ShareGroup;
import org.fissionfusion.schemas.Difference;
import org.fissionfusion.schemas.Topic;
import org.fissionfusion.schemas.TopicMismatchException;
import org.fissionfusion.schemas.TopicSetup;

/** Topics and share groups of a cluster: made where missing, compared where there, never changed. */
public record ClusterSetup(TopicSetup topics) {

    /**
     * What was found and done.
     *
     * @param created topics and settings of share groups
     * @param missing topics
     */
    public record Report(List<String> created, List<String> missing, List<Difference> differences) {

        /** True when nothing that matters is wrong. */
        public boolean good() {
            return missing.isEmpty() && differences.stream().noneMatch(Difference::matters);
        }
    }

    /** Makes what is missing and compares the rest. */
    public Report apply(Admin admin) {
        List<String> created = new ArrayList<>();
        try {
            topics.createMissing(admin).forEach(name -> created.add("topic " + name));
        } catch (TopicMismatchException e) {
            // reported below with everything else
        }
        for (ShareGroup group : groups()) {
            group.setMissing(admin)
                    .forEach(setting -> created.add("setting " + setting + " of share group " + group.name()));
        }
        return new Report(created, List.of(), differences(admin));
    }

    /** Only compares. */
    public Report verify(Admin admin) {
        List<String> missing = topics.missing(admin).stream().map(Topic::name).toList();
        return new Report(List.of(), missing, missing.isEmpty() ? differences(admin) : List.of());
    }

    private List<Difference> differences(Admin admin) {
        List<Difference> differences = new ArrayList<>(topics.differences(admin));
        groups().forEach(group -> differences.addAll(group.differences(admin)));
        return differences;
    }

    private static List<ShareGroup> groups() {
        return Arrays.stream(ServiceRole.values())
                .map(ServiceRole::shareGroup)
                .flatMap(Optional::stream)
                .map(ShareGroup::usual)
                .toList();
    }
}
