package org.fissionfusion.evaluator;

import org.fissionfusion.events.DataSplit;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredObject;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.PreparationException;
import org.fissionfusion.vision.images.PreparedSet;

/** Opens the prepared sets that tasks name. */
final class PreparedSets {
    private PreparedSets() {}

    static PreparedSet open(DataSplit split, ObjectStore store) {
        try {
            return PreparedSet.open(store.verified(StoredObject.from(split.getFile())));
        } catch (PreparationException e) {
            throw new TaskRefused("data." + split.getName() + ": " + e.getMessage(), e);
        }
    }
}
