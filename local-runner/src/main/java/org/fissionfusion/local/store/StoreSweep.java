package org.fissionfusion.local.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fissionfusion.core.retention.Needed;
import org.fissionfusion.core.retention.Verdict;
import org.fissionfusion.runtime.KafkaClients;
import org.fissionfusion.runtime.ObjectStore;
import org.fissionfusion.runtime.StoredEntry;

/**
 * Removes what no served soup and no running experiment needs. It lists the store, then reads the journal: what the
 * journal names by then is needed, and what was stored later than the grace age ago is left alone.
 */
public final class StoreSweep {
    private final ObjectStore store;
    private final JournalReader journal;
    private final Duration grace;
    private final Clock clock;

    /** Number and size of objects. */
    public record Amount(long objects, long bytes) {
        Amount plus(long more) {
            return new Amount(objects + 1, bytes + more);
        }
    }

    /**
     * What was found, and removed unless it was a dry run.
     *
     * @param byPrefix first part of the keys, then what becomes of them
     */
    public record Report(Map<String, Map<Verdict, Amount>> byPrefix, boolean removed) {

        /** All of one verdict. */
        public Amount total(Verdict verdict) {
            long objects = 0;
            long bytes = 0;
            for (Map<Verdict, Amount> row : byPrefix.values()) {
                Amount amount = row.getOrDefault(verdict, new Amount(0, 0));
                objects += amount.objects();
                bytes += amount.bytes();
            }
            return new Amount(objects, bytes);
        }
    }

    /**
     * A sweep of this store by the journal of this cluster.
     *
     * @param grace at least an hour: an event that names a new object may still be on its way
     */
    public StoreSweep(ObjectStore store, KafkaClients clients, Duration grace, Clock clock) {
        this.store = store;
        this.journal = new JournalReader(clients, Duration.ofMinutes(10));
        this.grace = grace;
        this.clock = clock;
    }

    /** Says what would be removed. */
    public Report dryRun() {
        return judged(false);
    }

    /** Removes it. */
    public Report remove() {
        Report report = judged(true);
        // what was computed once may have been asked for since: the journal is asked again before anything goes
        Needed needed = journal.needed();
        for (String prefix : Verdict.prefixes()) {
            Instant now = clock.instant();
            for (StoredEntry entry : store.entries(prefix)) {
                if (verdict(needed, entry, now) == Verdict.GARBAGE) {
                    store.delete(entry.key());
                }
            }
        }
        return report;
    }

    private Report judged(boolean removed) {
        Instant now = clock.instant();
        List<StoredEntry> entries = store.entries("");
        Needed needed = journal.needed();
        Map<String, Map<Verdict, Amount>> byPrefix = new TreeMap<>();
        for (StoredEntry entry : entries) {
            String prefix = entry.key().substring(0, entry.key().indexOf('/') + 1);
            byPrefix.computeIfAbsent(prefix, key -> new EnumMap<>(Verdict.class))
                    .merge(
                            verdict(needed, entry, now),
                            new Amount(1, entry.bytes()),
                            (all, one) -> all.plus(one.bytes()));
        }
        return new Report(byPrefix, removed);
    }

    private Verdict verdict(Needed needed, StoredEntry entry, Instant now) {
        return Verdict.of(needed, entry.key(), Duration.between(entry.modified(), now), grace);
    }
}
