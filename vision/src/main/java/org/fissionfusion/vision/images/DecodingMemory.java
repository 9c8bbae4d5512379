package org.fissionfusion.vision.images;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Lets only as many pictures be decoded at once as there is memory for. */
final class DecodingMemory {
    private static final int MEBIBYTE = 1 << 20;

    private final int mebibytes;
    private final Semaphore free;

    DecodingMemory(long bytes) {
        this.mebibytes = Math.clamp(bytes / MEBIBYTE, 1, Integer.MAX_VALUE);
        this.free = new Semaphore(mebibytes);
    }

    /** Half of the heap: the rest is for encoded pictures, tables, and what the collector leaves unused. */
    static DecodingMemory ofHeap() {
        return new DecodingMemory(Runtime.getRuntime().maxMemory() / 2);
    }

    /** Memory of one picture, given back when closed. */
    @FunctionalInterface
    interface Share extends AutoCloseable {
        @Override
        void close();
    }

    /** A picture is larger than all the memory there is: no fault of the picture's. */
    static final class TooLittle extends IOException {
        private static final long serialVersionUID = 1;

        private TooLittle(String message) {
            super(message);
        }
    }

    /**
     * Waits until there is memory for a picture.
     *
     * @throws TooLittle when there never will be
     */
    Share take(long width, long height, int bytesPerPixel) throws TooLittle {
        long needed = (long) Math.ceil((double) width * height * bytesPerPixel / MEBIBYTE); // a long may overflow
        if (needed > mebibytes) {
            throw new TooLittle(
                    "%d x %d pixels need %d MiB of memory, %d are allowed, half of the heap; set FISSIONFUSION_HEAP higher, in a container -Xmx in JDK_JAVA_OPTIONS"
                            .formatted(width, height, needed, mebibytes));
        }
        free.acquireUninterruptibly((int) needed);
        return () -> free.release((int) needed);
    }
}
