package org.fissionfusion.vision.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.fissionfusion.core.schedule.CosineSchedule;
import org.fissionfusion.vision.augment.Augmentation;
import org.fissionfusion.vision.augment.Normalisation;
import org.fissionfusion.vision.model.Architecture;
import org.fissionfusion.vision.model.GoldenNumbers;
import org.junit.jupiter.api.Test;

/**
 * What a training run has in use, in the C library's heap, where tensors live, and in Java's.
 *
 * <p>Not the resident size: a step leaves 0.1 MB of Java garbage, which makes that grow until the collector first has
 * to run.
 */
@SuppressWarnings("restricted") // a call of the C library
class MemoryTest {
    private static final int BATCH = 4;
    private static final int SIZE = 8;
    private static final int CLASSES = 5;

    /** Of struct mallinfo2, ten numbers: bytes in blocks of their own (hblkhd) and in others (uordblks). */
    private static final MemoryLayout HEAP = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);

    private static final int MAPPED = 4;
    private static final int IN_USE = 7;

    @Test
    void memoryInUseIsFlatOverTwoThousandSteps() throws Throwable {
        Optional<MemorySegment> symbol = Linker.nativeLinker().defaultLookup().find("mallinfo2");
        assumeTrue(symbol.isPresent(), "skipped: the C library has no mallinfo2 (glibc 2.33 and newer have)");
        MethodHandle heap = Linker.nativeLinker()
                .downcallHandle(symbol.get(), FunctionDescriptor.of(MemoryLayout.structLayout(HEAP)));
        Architecture architecture = Architecture.named("resnet20");
        TrainingStage stage = new TrainingStage.FineTune(new CosineSchedule(1e-3, 1), Optional.empty());
        ImageInput input = new ImageInput(SIZE, Normalisation.IMAGENET, Augmentation.NONE, BATCH, 1);
        TrainingPlan plan = new TrainingPlan(architecture, CLASSES, stage, input, OptimizerSettings.PAPER, 1);
        ByteBuffer images = GoldenNumbers.images(BATCH, SIZE);
        try (TrainedNetwork network = TrainedNetwork.load(plan)) {
            network.setWeights(GoldenNumbers.weights(architecture, CLASSES));
            steps(network, images, 300);
            long before = bytesInUse(heap);

            steps(network, images, 2000);

            // 8 KB a step; the compiler's memory, which it gives back, hides some 15 KB more
            assertThat(bytesInUse(heap) - before).isLessThan(16_000_000);
        }
    }

    private static void steps(TrainedNetwork network, ByteBuffer images, int count) {
        for (int i = 0; i < count; i++) {
            network.step(images, new long[] {0, 1, 2, 3}, BATCH, 1e-4);
        }
    }

    private static long bytesInUse(MethodHandle heap) throws Throwable {
        System.gc();
        Runtime java = Runtime.getRuntime();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = (MemorySegment) heap.invokeExact((SegmentAllocator) arena);
            return numbers.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
                    + numbers.getAtIndex(ValueLayout.JAVA_LONG, IN_USE)
                    + java.totalMemory()
                    - java.freeMemory();
        }
    }
}
