package org.fissionfusion.vision.images;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVRecord;

/** A CSV file with the columns {@code image} and {@code split}: names as the layout has them, with or without ending. */
final class SplitTable {
    private SplitTable() {}

    /** The listing in the splits of the table, which must name every picture and none that is not there. */
    static Listing apply(Listing listing, Path file) throws PreparationException {
        CsvTable table = CsvTable.read(file);
        Map<String, Split> splits = new HashMap<>();
        for (CSVRecord row : table.rows()) {
            String name = PictureIndex.stem(table.value(row, "image"));
            if (splits.put(name, Split.required(table.place(row), table.value(row, "split"))) != null) {
                throw new PreparationException("%s: names '%s' twice".formatted(table.place(row), name));
            }
        }
        List<String> without = listing.entries().stream()
                .map(entry -> PictureIndex.stem(entry.name()))
                .filter(name -> !splits.containsKey(name))
                .toList();
        if (!without.isEmpty()) {
            throw new PreparationException(
                    "%s: gives no split to %d pictures, the first is '%s'; every picture needs one"
                            .formatted(file, without.size(), without.getFirst()));
        }
        if (splits.size() > listing.entries().size()) {
            listing.entries().forEach(entry -> splits.remove(PictureIndex.stem(entry.name())));
            throw new PreparationException("%s: names %d pictures that are not there, one is '%s'"
                    .formatted(file, splits.size(), splits.keySet().iterator().next()));
        }
        return listing.withEntries(listing.entries().stream()
                .map(entry -> entry.in(splits.get(PictureIndex.stem(entry.name()))))
                .toList());
    }
}
