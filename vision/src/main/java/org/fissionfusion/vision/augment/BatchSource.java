package org.fissionfusion.vision.augment;

import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.fissionfusion.vision.images.Labels;
import org.fissionfusion.vision.images.PreparedSet;

/**
 * Makes the batches of one set, epoch after epoch, ahead of their use.
 *
 * <pre>{@code
 * try (BatchSource source = new BatchSource(set, options)) {
 *     source.startEpoch(1);
 *     for (Optional<Batch> batch = source.next(); batch.isPresent(); batch = source.next()) { ... }
 * }
 * }</pre>
 *
 * <p>A ring of buffers is filled in order by worker threads: all of them work on the oldest batch that is not complete,
 * a few images at a time, and stop when the ring is full. Which thread makes an image never shows in it.
 *
 * <p>Used by one thread at a time. Does not close the set, which must outlive it.
 */
public final class BatchSource implements AutoCloseable {
    private static final int RING = 3;
    private static final int CHUNK = 8;

    private final PreparedSet set;
    private final BatchOptions options;
    private final Arena arena = Arena.ofShared();
    private final List<Batch> ring = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final int[] order;
    private final boolean ofClasses;

    // guarded by this
    private final int[] unfinished = new int[RING];
    private int epoch;
    private int consumed;
    private int batches;
    private int batchInWork;
    private int imagesClaimed;
    private int busy;
    private boolean handedOut;
    private boolean closed;
    private Throwable failure;

    public BatchSource(PreparedSet set, BatchOptions options) {
        this.set = set;
        this.options = options;
        this.order = new int[set.size()];
        this.ofClasses = set.labels() instanceof Labels.Classes;
        long imageBytes = 3L * options.imageSize() * options.imageSize() * Float.BYTES;
        int largest = Math.min(options.batchSize(), set.size());
        for (int i = 0; i < RING; i++) {
            ring.add(new Batch(
                    arena.allocate(imageBytes * largest, 64).asByteBuffer().order(ByteOrder.nativeOrder()), largest));
        }
        for (int i = 0; i < options.workers(); i++) {
            threads.add(Thread.ofPlatform().daemon().name("batches-" + i).start(this::work));
        }
    }

    public int batchesPerEpoch() {
        return Math.ceilDiv(set.size(), options.batchSize());
    }

    /** Begins an epoch at its first batch. */
    public void startEpoch(int newEpoch) {
        startEpoch(newEpoch, 0);
    }

    /** Begins an epoch at a later batch (counted from 0), abandoning the epoch before. */
    public synchronized void startEpoch(int newEpoch, int firstBatch) {
        if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
            throw new IllegalArgumentException(
                    "firstBatch %d is outside 0..%d".formatted(firstBatch, batchesPerEpoch()));
        }
        batches = 0; // nothing more to claim
        awaitIdle();
        requireSound();
        epoch = newEpoch;
        arrange();
        batchInWork = firstBatch;
        consumed = firstBatch;
        imagesClaimed = 0;
        handedOut = false;
        batches = batchesPerEpoch();
        notifyAll();
    }

    /**
     * The next batch, or empty at the end of the epoch. The batch handed out before is no longer valid.
     *
     * @throws IllegalStateException with the cause, when a worker failed
     */
    public synchronized Optional<Batch> next() {
        if (handedOut) {
            handedOut = false;
            consumed++;
            notifyAll();
        }
        if (consumed >= batches) {
            requireSound();
            return Optional.empty();
        }
        int slot = consumed % RING;
        while (!stopped() && (batchInWork <= consumed || unfinished[slot] > 0)) {
            pause();
        }
        requireSound();
        handedOut = true;
        return Optional.of(ring.get(slot));
    }

    /** Stops the workers; the buffers are gone. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        arena.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void arrange() {
        ImageRandom random = new ImageRandom();
        random.restart(options.seed(), epoch, -1);
        switch (options.order()) {
            case STORED -> Arrays.setAll(order, i -> i);
            case SHUFFLED -> {
                Arrays.setAll(order, i -> i);
                for (int i = order.length - 1; i > 0; i--) {
                    int j = random.nextInt(i + 1);
                    int kept = order[i];
                    order[i] = order[j];
                    order[j] = kept;
                }
            }
            case BALANCED -> {
                List<int[]> classes = imagesByClass();
                for (int i = 0; i < order.length; i++) {
                    int[] images = classes.get(random.nextInt(classes.size()));
                    order[i] = images[random.nextInt(images.length)];
                }
            }
        }
    }

    /** The images of each class that has any. */
    private List<int[]> imagesByClass() {
        return IntStream.range(0, set.size())
                .boxed()
                .collect(Collectors.groupingBy(set::label, TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(images -> images.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** Images {@code from..to-1} of a batch. */
    private static final class Claim {
        private Batch batch;
        private int slot;
        private int number;
        private int from;
        private int to;
        private int epoch;
    }

    private void work() {
        ImageMaker maker = new ImageMaker(set, options);
        Claim claim = new Claim();
        int imageFloats = 3 * options.imageSize() * options.imageSize();
        try {
            while (claimNext(claim)) {
                for (int i = claim.from; i < claim.to; i++) {
                    int index = order[claim.number * options.batchSize() + i];
                    maker.make(claim.epoch, index, claim.batch.floats(), i * imageFloats);
                    claim.batch.labels()[i] = ofClasses ? set.label(index) : -1;
                    claim.batch.indices()[i] = index;
                }
                finish(claim);
            }
        } catch (Throwable e) { // reported by next(), whatever it is
            fail(e);
        }
    }

    private synchronized boolean claimNext(Claim claim) {
        while (!stopped() && (batchInWork >= batches || batchInWork - consumed >= RING)) {
            pause();
        }
        if (stopped()) {
            return false;
        }
        int slot = batchInWork % RING;
        Batch batch = ring.get(slot);
        int count = Math.min(options.batchSize(), set.size() - batchInWork * options.batchSize());
        if (imagesClaimed == 0) {
            batch.reset(count);
            unfinished[slot] = count;
        }
        claim.batch = batch;
        claim.slot = slot;
        claim.number = batchInWork;
        claim.epoch = epoch;
        claim.from = imagesClaimed;
        claim.to = Math.min(count, imagesClaimed + CHUNK);
        imagesClaimed = claim.to;
        if (imagesClaimed == count) {
            imagesClaimed = 0;
            batchInWork++;
        }
        busy++;
        return true;
    }

    private synchronized void finish(Claim claim) {
        busy--;
        unfinished[claim.slot] -= claim.to - claim.from;
        notifyAll();
    }

    private synchronized void fail(Throwable e) {
        busy--;
        failure = e;
        notifyAll();
    }

    private synchronized boolean stopped() {
        return closed || failure != null;
    }

    private synchronized void awaitIdle() {
        while (busy > 0) {
            pause();
        }
    }

    private synchronized void requireSound() {
        if (failure != null) {
            throw new IllegalStateException("a batch could not be made: " + failure, failure);
        }
        if (closed) {
            throw new IllegalStateException("the batch source is closed");
        }
    }

    @SuppressWarnings("WaitNotInLoop") // every caller is a loop over its condition
    private synchronized void pause() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
    }
}
