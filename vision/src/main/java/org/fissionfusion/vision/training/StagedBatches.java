package org.fissionfusion.vision.training;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.fissionfusion.vision.model.SideStream;
import org.fissionfusion.vision.model.TorchEngine;

/**
 * The batches of epoch after epoch on their way into the engine: either each when it is asked for, or, where that is a
 * copy to a device, the next one by another thread while the device computes.
 */
final class StagedBatches implements AutoCloseable {
    private final Optional<ExecutorService> thread;
    private IntFunction<StagedBatch> stage = _ -> null;
    private int steps;
    private int step;
    private Optional<Future<StagedBatch>> coming = Optional.empty();

    /** @throws IllegalStateException when the device has no stream for copies */
    StagedBatches(boolean ahead) {
        thread = ahead
                ? Optional.of(Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("copies").factory()))
                : Optional.empty();
        thread.map(executor -> executor.submit(StagedBatches::prepareThread)).ifPresent(StagedBatches::await);
    }

    private static void prepareThread() {
        TorchEngine.enter(false);
        SideStream.enter();
    }

    /**
     * Begins an epoch.
     *
     * @param staging makes the batch of a step (from 0), step after step
     */
    void start(int epochSteps, IntFunction<StagedBatch> staging) {
        stage = staging;
        steps = epochSteps;
        step = 0;
        submit();
    }

    private void submit() {
        int next = step;
        coming = thread.filter(_ -> next < steps).map(executor -> executor.submit(() -> stage.apply(next)));
    }

    /** The batch of the next step, which the caller closes. */
    StagedBatch next() {
        if (thread.isEmpty()) {
            return stage.apply(step++);
        }
        StagedBatch batch = await(coming.orElseThrow(() -> new IllegalStateException("the epoch has no more steps")));
        step++;
        submit();
        return batch;
    }

    private static <T> T await(Future<T> work) {
        try {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** Waits for the copy in work, and gives it up. */
    @Override
    public void close() {
        thread.ifPresent(ExecutorService::close);
        coming.filter(batch -> batch.state() == Future.State.SUCCESS)
                .ifPresent(batch -> batch.resultNow().close());
    }
}
