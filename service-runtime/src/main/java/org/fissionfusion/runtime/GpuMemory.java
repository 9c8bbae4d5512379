package org.fissionfusion.runtime;

import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Measures the memory of this machine's NVIDIA GPUs, where it has any, by asking {@code nvidia-smi}. */
final class GpuMemory {
    private static final String[] COMMAND = {
        "nvidia-smi", "--query-gpu=index,memory.used,memory.total", "--format=csv,noheader,nounits"
    };
    private static final double MEBIBYTE = 1L << 20;

    private GpuMemory() {}

    /**
     * Takes the measure.
     *
     * @return false when there is no GPU, or nobody to ask
     */
    static boolean measure() throws InterruptedException {
        try {
            Process process = new ProcessBuilder(COMMAND).start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                return false;
            }
            answer.lines().forEach(GpuMemory::note);
            return true;
        } catch (IOException e) {
            return false; // no driver on this machine
        }
    }

    /** One line: {@code 0, 1234, 81559}. */
    static void note(String line) {
        String[] parts = line.split(",", -1);
        Tags gpu = Tags.of("gpu", parts[0].strip());
        Meters.gauge(
                "fissionfusion.gpu.memory.used.bytes", "in use", gpu, Double.parseDouble(parts[1].strip()) * MEBIBYTE);
        Meters.gauge(
                "fissionfusion.gpu.memory.total.bytes", "there", gpu, Double.parseDouble(parts[2].strip()) * MEBIBYTE);
    }
}
