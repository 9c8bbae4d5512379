package org.fissionfusion.core.experiment;

import java.util.HashSet;
import java.util.Set;

/** What a failed attempt costs: another attempt, a task, its checkpoints, a line, a soup, or the experiment. */
final class Losses {
    private final WorkingCopy copy;

    Losses(WorkingCopy copy) {
        this.copy = copy;
    }

    /**
     * An attempt that did not end its task.
     *
     * @param alone true when no other worker is at it, so that it must be issued again
     */
    void missed(TaskRow row, Attempt attempt, boolean alone) {
        TaskRow tried = row.tried(attempt);
        if (Patience.isOver(tried, workersOfItsKind(tried))) {
            giveUp(tried, attempt.text());
        } else {
            copy.put(alone ? tried.again() : tried);
        }
    }

    private Set<String> workersOfItsKind(TaskRow row) {
        boolean training = row.work() instanceof Work.Trained;
        Set<String> known = new HashSet<>();
        row.attempts().forEach(attempt -> known.add(attempt.worker()));
        copy.tasks.values().stream()
                .filter(other -> other.work() instanceof Work.Trained == training)
                .forEach(other -> other.attempts().forEach(attempt -> known.add(attempt.worker())));
        return known;
    }

    /**
     * A file that nobody can read any more is lost to every soup that is not blended yet, whichever candidate was on
     * trial when that was found.
     */
    void loseFile(String key, String reason) {
        if (copy.head.phase() != Phase.GENERATING) {
            return; // the selection is closed: what was selected stays so
        }
        copy.checkpoints.values().stream()
                .filter(row -> row.saved()
                        .filter(saved -> saved.file().key().equals(key))
                        .isPresent())
                .toList()
                .forEach(row -> copy.checkpoints.put(row.id(), row.lost(reason)));
        copy.soups.values().stream()
                .filter(soup ->
                        soup.file().filter(file -> file.key().equals(key)).isPresent())
                .toList()
                .forEach(soup -> copy.soups.put(soup.id(), soup.spoiled(reason)));
    }

    void giveUp(TaskRow row, String reason) {
        copy.put(row.givenUp(reason));
        switch (row.work()) {
            case Work.Preflight _ -> copy.end(Phase.REFUSED, reason);
            case Work.Probe _ -> copy.end(Phase.FAILED, "the linear probe failed: " + reason);
            case Work.FineTune _ -> {
                lose(copy.checkpoints.get(row.id()), reason);
                loseLine(row.id(), "its base model failed: " + reason);
            }
            case Work.Fission fission -> loseLine(fission.baseId(), reason);
            case Work.Score score -> scoringFailed(score.recipe(), score.sealedSplits(), reason);
            case Work.Reestimate _ -> {} // the plain soup is served: see Reestimating
            case Work.Persist(String soupId, boolean reestimated) when reestimated -> {}
            case Work.Persist(String soupId, boolean _) -> {
                SoupRow soup = copy.soups.get(soupId);
                boolean tastedAgain = soup.recipe().filter(this::lacks).isPresent();
                if (!tastedAgain) {
                    copy.soups.put(soupId, soup.spoiled(reason));
                }
            }
            case Work.Serve(String soupId) ->
                copy.soups.put(soupId, copy.soups.get(soupId).spoiled(reason));
            case Work.Compare _ -> {}
        }
    }

    private void loseLine(String baseId, String reason) {
        copy.cyclesOf(baseId).forEach(row -> lose(row, reason));
        TaskRow fission = copy.tasks.get(Ids.fission(baseId));
        if (fission != null && !fission.settled()) {
            copy.put(fission.givenUp(reason));
        }
    }

    private void lose(CheckpointRow row, String reason) {
        if (row.status() == CheckpointRow.Status.EXPECTED) {
            copy.checkpoints.put(row.id(), row.lost(reason));
        }
    }

    /** True when an ingredient of the recipe is lost, so that its soup is tasted again without it. */
    private boolean lacks(Recipe recipe) {
        return recipe.ingredients().stream()
                .anyMatch(one -> SoupKitchen.isLost(one.id(), copy.checkpoints, copy.soups));
    }

    /** A recipe that cannot be scored takes its last ingredient, the one on trial, out of every soup. */
    private void scoringFailed(Recipe recipe, boolean sealedSplits, String reason) {
        if (sealedSplits || lacks(recipe)) {
            return;
        }
        String id = recipe.ingredients().getLast().id();
        CheckpointRow checkpoint = copy.checkpoints.get(id);
        SoupRow soup = copy.soups.get(id);
        if (checkpoint != null && checkpoint.status() != CheckpointRow.Status.LOST) {
            copy.checkpoints.put(id, checkpoint.lost(reason));
            if (recipe.divisor() == 1) {
                // whatever shares these very weights is lost with them
                copy.checkpoints.values().stream()
                        .filter(row -> row.status() == CheckpointRow.Status.SAVED)
                        .filter(row -> WorkingCopy.hasWeights(
                                row, recipe.ingredients().getFirst().weightsDigest()))
                        .toList()
                        .forEach(row -> copy.checkpoints.put(row.id(), row.lost(reason)));
            }
        } else if (soup != null) {
            copy.soups.put(id, soup.spoiled(reason));
        }
    }
}
