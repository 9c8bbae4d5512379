package org.fissionfusion.local.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How much main memory a process had at most. */
final class ResidentSize {
    private ResidentSize() {}

    /** The largest resident size so far, or 0 of a process that has ended or on a system that does not tell. */
    static long peakKilobytes(long process) {
        Path status = Path.of("/proc", Long.toString(process), "status");
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // it has ended, or this is no Linux
        }
    }

    /** The figure of a size, where it is known. */
    static List<Figure> figure(String name, long kilobytes) {
        List<Figure> figures = new ArrayList<>();
        if (kilobytes > 0) {
            figures.add(Figure.of(name, kilobytes * 1024 / 1e9, "GB"));
        }
        return figures;
    }
}
