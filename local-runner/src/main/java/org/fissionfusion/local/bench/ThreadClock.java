package org.fissionfusion.local.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.function.Predicate;

/** Processor time and allocated bytes of the threads with certain names, since this was made. */
final class ThreadClock {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Predicate<String> names;
    private final long begunNanos;
    private final long begunBytes;

    ThreadClock(Predicate<String> names) {
        this.names = names;
        this.begunNanos = sum(THREADS::getThreadCpuTime);
        this.begunBytes = sum(THREADS::getThreadAllocatedBytes);
    }

    double seconds() {
        return (sum(THREADS::getThreadCpuTime) - begunNanos) / 1e9;
    }

    long bytes() {
        return sum(THREADS::getThreadAllocatedBytes) - begunBytes;
    }

    private interface Counter {
        long of(long thread);
    }

    private long sum(Counter counter) {
        long sum = 0;
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null && names.test(thread.getThreadName())) {
                sum += Math.max(0, counter.of(thread.getThreadId()));
            }
        }
        return sum;
    }
}
