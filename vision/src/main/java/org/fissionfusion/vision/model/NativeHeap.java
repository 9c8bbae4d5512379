package org.fissionfusion.vision.model;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The C library's heap, where the engine's tensors live.
 *
 * <p>glibc serves an aligned block from a larger free one and cannot use a free block of just that size, so that a
 * heap of steps by several threads falls apart: ten times what is in use was seen resident. Giving the free pages back
 * now and then bounds that, and costs far less than giving them back after every layer.
 */
@SuppressWarnings("restricted") // a call of the C library
public final class NativeHeap {
    private static final Optional<MethodHandle> TRIM = Linker.nativeLinker()
            .defaultLookup()
            .find("malloc_trim")
            .map(symbol -> Linker.nativeLinker()
                    .downcallHandle(symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

    private NativeHeap() {}

    /** Gives free pages back to the system; does nothing where the C library has no {@code malloc_trim}. */
    public static void trim() {
        if (TRIM.isPresent()) {
            try {
                int _ = (int) TRIM.get().invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim takes a number and throws nothing", e);
            }
        }
    }
}
