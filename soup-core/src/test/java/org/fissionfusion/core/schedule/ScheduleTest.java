package org.fissionfusion.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final CyclicalSchedule PAPER = new CyclicalSchedule(1e-5, 1e-8, 4);

    @Test
    void cosineStartsAtThePeakAndHalvesInTheMiddle() {
        CosineSchedule schedule = new CosineSchedule(1e-3, 4);
        assertThat(schedule.rateAt(1)).isEqualTo(1e-3);
        assertThat(schedule.rateAt(2)).isCloseTo(1e-3 * (2 + Math.sqrt(2)) / 4, within(1e-18));
        assertThat(schedule.rateAt(3)).isCloseTo(5e-4, within(1e-18));
        assertThat(schedule.rateAt(4)).isCloseTo(1e-3 * (2 - Math.sqrt(2)) / 4, within(1e-18));
    }

    @Test
    void cosineRefusesEpochsOutsideItsRun() {
        CosineSchedule schedule = new CosineSchedule(1e-3, 4);
        assertThatThrownBy(() -> schedule.rateAt(0)).hasMessageContaining("epoch: 0");
        assertThatThrownBy(() -> schedule.rateAt(5)).hasMessageContaining("epoch: 5");
        assertThatThrownBy(() -> new CosineSchedule(0, 4)).hasMessageContaining("peak");
        assertThatThrownBy(() -> new CosineSchedule(Double.NaN, 4)).hasMessageContaining("peak");
        assertThatThrownBy(() -> new CosineSchedule(1, 0)).hasMessageContaining("epochs");
    }

    @Test
    void thePaperTakesFiveCheckpointsInSeventeenEpochs() {
        assertThat(PAPER.checkpointEpochs(17)).containsExactly(1, 5, 9, 13, 17);
        assertThat(PAPER.checkpointEpochs(5)).containsExactly(1, 5);
        assertThat(PAPER.checkpointEpochs(4)).containsExactly(1);
        assertThat(new CyclicalSchedule(2, 1, 2).checkpointEpochs(5)).containsExactly(2, 4);
        assertThat(new CyclicalSchedule(2, 1, 6).checkpointEpochs(14)).containsExactly(2, 8, 14);
    }

    @Test
    void theCycleBeginsAtAQuarterAndFallsToTheMinimumAtTheEndOfEpochOne() {
        assertThat(PAPER.rateAt(1, 0)).isCloseTo((1e-5 + 1e-8) / 2, within(1e-20));
        assertThat(PAPER.rateAt(1, 1)).isCloseTo(1e-8, within(1e-20));
        assertThat(PAPER.rateAt(2, 0)).isCloseTo(1e-8, within(1e-20));
        assertThat(PAPER.rateAt(2, 1)).isCloseTo((1e-5 + 1e-8) / 2, within(1e-20));
        assertThat(PAPER.rateAt(3, 1)).isCloseTo(1e-5, within(1e-20));
        assertThat(PAPER.rateAt(4, 0)).isCloseTo(1e-5, within(1e-20));
        assertThat(PAPER.rateAt(4, 0.5)).isCloseTo(0.75 * 1e-5 + 0.25 * 1e-8, within(1e-20));
    }

    @Test
    void theLastBatchOfACycleIsAStepAboveTheMinimum() {
        int batches = 10;
        double last = PAPER.rateAt(5, (batches - 1.0) / batches);
        assertThat(last).isCloseTo(1e-8 + (1e-5 - 1e-8) * 2 / (4 * batches), within(1e-19));
    }

    @Test
    void theRateIsLeastExactlyWhereACycleEnds() {
        for (int cycle = 2; cycle <= 12; cycle += 2) {
            CyclicalSchedule schedule = new CyclicalSchedule(1, 0.1, cycle);
            List<Integer> least = new ArrayList<>();
            for (int epoch = 1; epoch <= 40; epoch++) {
                if (schedule.rateAt(epoch, 1) < 0.1 + 1e-12) {
                    least.add(epoch);
                }
            }
            assertThat(schedule.checkpointEpochs(40)).isEqualTo(least);
        }
    }

    @Test
    void cyclesAreEvenAndRatesPositive() {
        assertThatThrownBy(() -> new CyclicalSchedule(1, 0.1, 3)).hasMessageContaining("cycle: 3");
        assertThatThrownBy(() -> new CyclicalSchedule(1, 0, 4)).hasMessageContaining("min");
        assertThatThrownBy(() -> new CyclicalSchedule(1, 2, 4)).hasMessageContaining("min");
        assertThatThrownBy(() -> new CyclicalSchedule(Double.POSITIVE_INFINITY, 2, 4))
                .hasMessageContaining("max");
        assertThatThrownBy(() -> PAPER.rateAt(0, 0)).hasMessageContaining("epoch");
        assertThatThrownBy(() -> PAPER.rateAt(1, 1.5)).hasMessageContaining("fractionDone");
    }

    @Test
    void earlyStopCountsOnlyLossesAboveTheTolerance() {
        EarlyStop stop = new EarlyStop(2, 0.001);
        stop = stop.next(1.0);
        assertThat(stop).isEqualTo(new EarlyStop(2, 0.001, 1.0, 0));
        stop = stop.next(1.0005);
        assertThat(stop.counter()).isZero();
        stop = stop.next(1.002);
        assertThat(stop.counter()).isEqualTo(1);
        stop = stop.next(1.0);
        assertThat(stop.counter()).isEqualTo(1);
        stop = stop.next(0.9999);
        assertThat(stop).isEqualTo(new EarlyStop(2, 0.001, 0.9999, 0));
        assertThat(stop.next(2).shouldStop()).isFalse();
        assertThat(stop.next(2).next(Double.NaN).shouldStop()).isTrue();
    }
}
