package org.fissionfusion.core.request;

import java.util.List;
import java.util.Optional;

/** Reads what a request makes of undecided findings. */
final class FindingPolicyReader {
    private FindingPolicyReader() {}

    static Optional<FindingPolicy> read(Section data) {
        if (!data.has("findings")) {
            return Optional.empty();
        }
        Section section = data.section("findings");
        FindingPolicy policy = new FindingPolicy(
                section.choice(
                        "uncertain",
                        List.of(FindingPolicy.Uncertain.values()),
                        FindingPolicy.Uncertain::wireName,
                        FindingPolicy.PAPER.uncertain()),
                section.choice(
                        "blank",
                        List.of(FindingPolicy.Blank.values()),
                        FindingPolicy.Blank::wireName,
                        FindingPolicy.PAPER.blank()));
        section.close();
        return Optional.of(policy);
    }
}
