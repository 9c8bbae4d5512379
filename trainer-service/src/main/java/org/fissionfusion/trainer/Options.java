package org.fissionfusion.trainer;

import java.util.Optional;
import java.util.OptionalDouble;
import org.fissionfusion.events.RefinementSpec;
import org.fissionfusion.events.TrainingTask;
import org.fissionfusion.runtime.TaskRefused;
import org.fissionfusion.vision.images.FindingsPolicy;
import org.fissionfusion.vision.model.Computation;
import org.fissionfusion.vision.model.MemoryFormat;
import org.fissionfusion.vision.model.Precision;
import org.fissionfusion.vision.training.Refinements;

/** What a task asks for beyond the paper's training. */
final class Options {
    private Options() {}

    /** @throws TaskRefused when this trainer does not know one of them */
    static Refinements of(TrainingTask task) {
        RefinementSpec given = task.getRefinements();
        RefinementSpec spec = given == null ? RefinementSpec.newBuilder().build() : given;
        return new Refinements(
                new Computation(precision(task), memoryFormat(spec), spec.getStochasticDepth(), spec.getDropout()),
                new Refinements.Objective(
                        spec.getLabelSmoothing(),
                        spec.getClassWeighted(),
                        spec.getLogitAdjustment(),
                        Optional.ofNullable(task.getFindings())
                                .map(it -> FindingsPolicy.named(
                                        it.getUncertain().name(), it.getBlank().name()))),
                optional(spec.getGradientClip()),
                spec.getAccumulate(),
                optional(spec.getAverageDecay()),
                spec.getLayerDecay(),
                spec.getBalancedSampler());
    }

    private static Precision precision(TrainingTask task) {
        return switch (task.getPrecision()) {
            case FP32 -> Precision.FP32;
            case TF32 -> Precision.TF32;
            case BF16 -> Precision.BF16;
            case UNKNOWN -> throw new TaskRefused("precision: unknown; allowed are fp32, tf32, bf16");
        };
    }

    private static MemoryFormat memoryFormat(RefinementSpec spec) {
        return switch (spec.getMemoryFormat()) {
            case CONTIGUOUS -> MemoryFormat.CONTIGUOUS;
            case CHANNELS_LAST -> MemoryFormat.CHANNELS_LAST;
            case UNKNOWN -> throw new TaskRefused("memoryFormat: unknown; allowed are contiguous, channels-last");
        };
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
