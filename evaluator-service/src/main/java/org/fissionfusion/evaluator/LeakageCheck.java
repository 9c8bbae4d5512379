package org.fissionfusion.evaluator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.fissionfusion.events.LeakagePolicy;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.LabelledImages;
import org.fissionfusion.vision.images.LeakageReport;
import org.fissionfusion.vision.images.PreparedSet;
import org.fissionfusion.vision.images.Split;

/** What the in-domain splits share, and whether the request allows it. */
final class LeakageCheck {
    private LeakageCheck() {}

    /**
     * @return policy and counts, for the document
     * @throws TaskRefused when splits overlap and the policy is not {@code allow}; {@code drop} leaves no overlap in
     *     the files it prepares
     */
    static ObjectNode check(LeakagePolicy policy, Map<String, PreparedSet> sets) {
        LeakageReport report = LeakageReport.of(inDomain(sets, "validation"));
        if (report.clean() && sets.containsKey("stopping")) {
            // the other part of validation, which no split of the request's domain may leak into either
            report = LeakageReport.of(inDomain(sets, "stopping"));
        }
        if (!report.clean() && policy != LeakagePolicy.ALLOW) {
            throw new TaskRefused("leakage: " + policy.name().toLowerCase(Locale.ROOT) + ", but " + report
                    + "; allowed are splits without overlap, or leakage: allow");
        }
        ObjectNode node = Documents.object().put("policy", policy.name().toLowerCase(Locale.ROOT));
        ArrayNode overlaps = node.putArray("overlaps");
        for (LeakageReport.Overlap overlap : report.overlaps()) {
            overlaps.addObject()
                    .put("earlier", overlap.earlier().wireName())
                    .put("later", overlap.later().wireName())
                    .put("equalPictures", overlap.equalPictures())
                    .put("sharedGroups", overlap.sharedGroups())
                    .put("images", overlap.images());
        }
        return node;
    }

    private static Map<Split, LabelledImages> inDomain(Map<String, PreparedSet> sets, String validation) {
        Map<Split, LabelledImages> inDomain = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            PreparedSet set = sets.get(split == Split.VALIDATION ? validation : split.wireName());
            if (set != null) {
                inDomain.put(split, set.images());
            }
        }
        return inDomain;
    }
}
