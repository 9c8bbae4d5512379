package org.fissionfusion.vision.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Finds pictures by the names that tables give them, with or without an ending. */
final class PictureIndex {
    private static final List<String> ENDINGS =
            List.of(".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".dcm", ".dicom");

    private final Path folder;
    private final Map<String, Path> files = new HashMap<>();

    private PictureIndex(Path folder) {
        this.folder = folder;
    }

    /** All pictures below a folder. */
    static PictureIndex below(Path folder) throws PreparationException {
        PictureIndex index = new PictureIndex(folder);
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.filter(PictureIndex::picture).sorted().forEach(path -> {
                String name = path.getFileName().toString();
                index.files.putIfAbsent(name.toLowerCase(Locale.ROOT), path);
                index.files.putIfAbsent(stem(name).toLowerCase(Locale.ROOT), path);
            });
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new PreparationException(folder + ": cannot be listed: " + Failures.reason(e), e);
        }
        return index;
    }

    static boolean picture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && ENDINGS.stream().anyMatch(name::endsWith);
    }

    /** The file's name without its ending. */
    static String stem(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return ENDINGS.stream()
                .filter(lower::endsWith)
                .findFirst()
                .map(ending -> name.substring(0, name.length() - ending.length()))
                .orElse(name);
    }

    /** The picture of this name; one that is missing is found out when it is decoded. */
    Picture.OfFile named(String name) {
        String key = Path.of(name).getFileName().toString().toLowerCase(Locale.ROOT);
        Path found = files.get(key);
        if (found == null) {
            found = files.get(stem(key));
        }
        return new Picture.OfFile(found == null ? folder.resolve(name) : found);
    }
}
