package org.fissionfusion.vision.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** A CSV file with a header, gzipped when its name says so; column names are trimmed, nameless columns ignored. */
record CsvTable(Path file, List<String> header, List<CSVRecord> rows) {
    private static final int[] BYTE_ORDER_MARK = {0xef, 0xbb, 0xbf};

    static CsvTable read(Path file) throws PreparationException {
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setAllowMissingColumnNames(true)
                .setTrim(true)
                .get();
        try (InputStream in = Files.newInputStream(file);
                Reader text = new InputStreamReader(
                        withoutMark(file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in),
                        StandardCharsets.UTF_8);
                CSVParser parser = CSVParser.parse(text, format)) {
            List<String> header =
                    parser.getHeaderNames().stream().map(String::strip).toList();
            if (header.isEmpty()) {
                throw new PreparationException(file + ": is empty; it must begin with a line of column names");
            }
            return new CsvTable(file, header, parser.getRecords());
        } catch (UncheckedIOException e) {
            throw unreadable(file, e.getCause());
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(file, e);
        }
    }

    private static PreparationException unreadable(Path file, Exception e) {
        return new PreparationException(file + ": cannot be read as CSV: " + Failures.reason(e), e);
    }

    private static InputStream withoutMark(InputStream in) throws IOException {
        PushbackInputStream text = new PushbackInputStream(in, BYTE_ORDER_MARK.length);
        byte[] start = text.readNBytes(BYTE_ORDER_MARK.length);
        boolean mark = start.length == BYTE_ORDER_MARK.length;
        for (int i = 0; mark && i < start.length; i++) {
            mark = (start[i] & 0xff) == BYTE_ORDER_MARK[i];
        }
        if (!mark) {
            text.unread(start);
        }
        return text;
    }

    boolean has(String column) {
        return header.contains(column);
    }

    /** Where a column is that must be there, once. */
    private int required(String column) throws PreparationException {
        int at = header.indexOf(column);
        if (at < 0) {
            throw new PreparationException("%s: has no column '%s'; it has %s".formatted(file, column, header));
        }
        if (header.lastIndexOf(column) != at) {
            throw new PreparationException("%s: has several columns '%s'; one is allowed".formatted(file, column));
        }
        return at;
    }

    /** The same table, which must have a column that is asked for by {@link #optional}. */
    CsvTable with(String column) throws PreparationException {
        required(column);
        return this;
    }

    /** The value of a column that must be there. */
    String value(CSVRecord row, String column) throws PreparationException {
        int at = required(column);
        if (at >= row.size()) {
            throw new PreparationException("%s: has no value for '%s'".formatted(place(row), column));
        }
        return row.get(at).strip();
    }

    /** The value of a column that every row must fill. */
    String filled(CSVRecord row, String column) throws PreparationException {
        String value = value(row, column);
        if (value.isEmpty()) {
            throw new PreparationException("%s: %s is empty; every row needs it".formatted(place(row), column));
        }
        return value;
    }

    /** The value of a column, empty when the table has no such column or the row no value. */
    Optional<String> optional(CSVRecord row, String column) {
        int at = header.indexOf(column);
        return at < 0 || at >= row.size() || row.get(at).isBlank()
                ? Optional.empty()
                : Optional.of(row.get(at).strip());
    }

    /** A whole number, written as {@code 3} or {@code 3.0}. */
    int number(CSVRecord row, String column, int lowest, int highest) throws PreparationException {
        String text = value(row, column);
        try {
            double value = Double.parseDouble(text);
            if (value == Math.rint(value) && value >= lowest && value <= highest) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            throw outOfRange(row, column, text, lowest, highest, e);
        }
        throw outOfRange(row, column, text, lowest, highest, null);
    }

    private PreparationException outOfRange(
            CSVRecord row, String column, String text, int lowest, int highest, Throwable cause) {
        return new PreparationException(
                "%s: %s is '%s'; allowed are whole numbers of %d to %d"
                        .formatted(place(row), column, text, lowest, highest),
                cause);
    }

    /** File and line, for messages. */
    String place(CSVRecord row) {
        return file + ":" + (row.getRecordNumber() + 1);
    }
}
