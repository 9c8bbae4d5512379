package org.fissionfusion.local.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What became of an experiment that was disturbed.
 *
 * @param soups id to SHA-256 of the file
 * @param announcedTwice soups that were announced more than once
 * @param lost tasks that did not end well
 * @param surplusEpochs spent minus planned ones: a training counted twice shows here
 * @param divergences results that repeated an id with other bytes
 */
public record Verdict(
        String phase,
        String reason,
        Map<String, String> soups,
        List<String> announcedTwice,
        List<String> lost,
        int surplusEpochs,
        List<String> divergences,
        List<String> deadLetters) {

    /** What is wrong, compared with the soups of an undisturbed run; empty when nothing is. */
    public List<String> complaints(Map<String, String> undisturbed) {
        List<String> complaints = new ArrayList<>();
        if (!phase.equals("COMPLETED") || !reason.isEmpty()) {
            complaints.add("the experiment is " + phase + ": " + reason);
        }
        if (!soups.equals(undisturbed)) {
            complaints.add("the soups are " + soups + ", undisturbed they are " + undisturbed);
        }
        if (surplusEpochs != 0) {
            complaints.add(surplusEpochs + " epochs too many were counted");
        }
        announcedTwice.forEach(id -> complaints.add(id + " was announced twice"));
        lost.forEach(task -> complaints.add("lost: " + task));
        divergences.forEach(one -> complaints.add("diverged: " + one));
        deadLetters.forEach(letter -> complaints.add("dead letter: " + letter));
        return complaints;
    }
}
