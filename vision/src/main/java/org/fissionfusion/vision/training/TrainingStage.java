package org.fissionfusion.vision.training;

import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.core.schedule.CyclicalSchedule;
import org.fissionfusion.core.schedule.EarlyStop;

/** Which stage of the method a run is (paper section 3.1), with what only that stage has. */
public sealed interface TrainingStage {
    int epochs();

    /** The rate of the next step of an epoch (counted from 1) of which a part is done. */
    double rateAt(int epoch, double fractionDone);

    /** Lower-case wire name. */
    String wireName();

    /** Trains the head alone. */
    record LinearProbe(CosineSchedule rates, BatchNormMode batchNorm) implements TrainingStage {
        @Override
        public int epochs() {
            return rates.epochs();
        }

        @Override
        public double rateAt(int epoch, double fractionDone) {
            return rates.rateAt(epoch);
        }

        @Override
        public String wireName() {
            return "linear-probe";
        }
    }

    /** Trains everything; the epoch of least validation loss is kept. */
    record FineTune(CosineSchedule rates, Optional<EarlyStop> earlyStop) implements TrainingStage {
        @Override
        public int epochs() {
            return rates.epochs();
        }

        @Override
        public double rateAt(int epoch, double fractionDone) {
            return rates.rateAt(epoch);
        }

        @Override
        public String wireName() {
            return "fine-tune";
        }
    }

    /**
     * Trains everything on from a base model at a cyclical rate; one checkpoint at each minimum.
     *
     * @param groupRate the base model's peak rate, which names the group and seeds the data order
     */
    record Fission(int epochs, CyclicalSchedule rates, double groupRate) implements TrainingStage {
        public Fission {
            if (epochs < 1) {
                throw new IllegalArgumentException("fission epochs: " + epochs + " is less than 1");
            }
        }

        @Override
        public double rateAt(int epoch, double fractionDone) {
            return rates.rateAt(epoch, fractionDone);
        }

        @Override
        public String wireName() {
            return "fission";
        }
    }
}
