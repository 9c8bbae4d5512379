package org.fissionfusion.local.cli;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fissionfusion.core.retention.Verdict;
import org.fissionfusion.local.store.StoreSweep;
import org.fissionfusion.runtime.ObjectStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gc}. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description = {
            "Removes from a cluster's store what no served soup and no running experiment needs.",
            "Only says what it would remove, unless --delete is given."
        })
final class GcCommand implements Callable<Integer> {
    private static final int SHORTEST_GRACE_HOURS = 1;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private StoreOption storeOption;

    @Option(
            names = "--grace",
            paramLabel = "HOURS",
            defaultValue = "24",
            description = "objects stored later than that many hours ago stay (default: ${DEFAULT-VALUE}, at least 1)")
    private int graceHours;

    @Option(names = "--delete", description = "really remove")
    private boolean delete;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (graceHours < SHORTEST_GRACE_HOURS) {
            throw new ParameterException(
                    spec.commandLine(), "--grace " + graceHours + ": allowed is " + SHORTEST_GRACE_HOURS + " or more");
        }
        try (ObjectStore store = storeOption.open()) {
            StoreSweep sweep =
                    new StoreSweep(store, cluster.clients(), Duration.ofHours(graceHours), Clock.systemUTC());
            print(spec.commandLine().getOut(), delete ? sweep.remove() : sweep.dryRun());
        }
        return FissionFusion.DONE;
    }

    static void print(PrintWriter out, StoreSweep.Report report) {
        out.printf("%-14s %-28s %-28s %s%n", "prefix", "kept", "younger than the grace age", "nobody needs");
        report.byPrefix()
                .forEach((prefix, row) -> out.printf(
                        "%-14s %-28s %-28s %s%n",
                        prefix.isEmpty() ? "(no prefix)" : prefix,
                        shown(row, Verdict.NEEDED, Verdict.CACHED, Verdict.FOREIGN),
                        shown(row, Verdict.YOUNG),
                        shown(row, Verdict.GARBAGE)));
        StoreSweep.Amount garbage = report.total(Verdict.GARBAGE);
        out.printf(
                report.removed()
                        ? "removed %,d objects, %,d bytes%n"
                        : "%,d objects, %,d bytes would be removed; --delete removes them%n",
                garbage.objects(),
                garbage.bytes());
        out.flush();
    }

    private static String shown(Map<Verdict, StoreSweep.Amount> row, Verdict... verdicts) {
        long objects = 0;
        long bytes = 0;
        for (Verdict verdict : verdicts) {
            StoreSweep.Amount amount = row.getOrDefault(verdict, new StoreSweep.Amount(0, 0));
            objects += amount.objects();
            bytes += amount.bytes();
        }
        return objects == 0 ? "-" : "%,d (%,d bytes)".formatted(objects, bytes);
    }
}
