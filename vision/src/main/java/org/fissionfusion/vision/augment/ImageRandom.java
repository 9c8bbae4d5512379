package org.fissionfusion.vision.augment;

/**
 * A stream of random numbers that depends on nothing but (seed, epoch, image), so that it does not matter which thread
 * alters which image when. SplitMix64 started at a hash of the three.
 */
final class ImageRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private long state;

    /** Starts the stream of one image in one epoch. */
    void restart(long seed, long epoch, long image) {
        state = mix((mix(mix(seed + GOLDEN) ^ epoch) + GOLDEN) ^ image);
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform in [low, high). */
    double uniform(double low, double high) {
        return low + (high - low) * ((nextLong() >>> 11) * 0x1.0p-53);
    }

    /** Uniform in 0..bound-1; the bias of the multiplication is below 2^-32 * bound. */
    int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    boolean nextBoolean() {
        return nextLong() < 0;
    }
}
