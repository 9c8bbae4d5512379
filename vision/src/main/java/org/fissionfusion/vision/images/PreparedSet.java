package org.fissionfusion.vision.images;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.WeightsException;

/**
 * The images of one domain and split, decoded once and mapped from a safetensors file. Safe to read from many threads;
 * after {@link #close} the pixels are gone.
 */
public final class PreparedSet implements AutoCloseable {
    private final LabelledImages images;
    private final Map<String, String> metadata;
    private final Runnable release;

    private PreparedSet(LabelledImages images, Map<String, String> metadata, Runnable release) {
        this.images = images;
        this.metadata = Map.copyOf(metadata);
        this.release = release;
    }

    /** Maps a prepared set. A file that is not one, or a damaged one, is refused by name and reason. */
    @SuppressWarnings("MustBeClosedChecker") // closed with the set
    public static PreparedSet open(Path file) throws PreparationException {
        SafetensorsFile tensors;
        try {
            tensors = SafetensorsFile.open(file);
        } catch (WeightsException e) {
            throw new PreparationException(e.getMessage(), e);
        } catch (IOException e) {
            throw new PreparationException(file + ": cannot be read: " + Failures.reason(e), e);
        }
        try {
            return new PreparedSet(StoredImages.read(file, tensors), tensors.metadata(), tensors::close);
        } catch (PreparationException | RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    /** A set that lives in memory only. */
    public static PreparedSet inMemory(LabelledImages images) {
        return new PreparedSet(images, Map.of(), () -> {});
    }

    public int size() {
        return images.size();
    }

    public int height() {
        return images.shape().height();
    }

    public int width() {
        return images.shape().width();
    }

    public int channels() {
        return images.shape().channels();
    }

    public ImageShape shape() {
        return images.shape();
    }

    /** Unsigned bytes, N x H x W x C. */
    public MemorySegment pixels() {
        return images.pixels();
    }

    /** The images with labels and groups. */
    public LabelledImages images() {
        return images;
    }

    /** One class or several findings per image. */
    public Labels labels() {
        return images.labels();
    }

    /**
     * The class of image {@code i}.
     *
     * @throws IllegalStateException when the set is multilabel
     */
    public int label(int i) {
        return switch (images.labels()) {
            case Labels.Classes classes -> classes.values()[i];
            case Labels.Findings _ ->
                throw new IllegalStateException("the set is multilabel: its images have findings, not a class");
        };
    }

    /** The patient or lesion of image {@code i}; its own index when the set knows none. */
    public int group(int i) {
        return images.groups().map(groups -> groups[i]).orElse(i);
    }

    public boolean hasGroups() {
        return images.groups().isPresent();
    }

    public List<String> classNames() {
        return images.classNames();
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public void close() {
        release.run();
    }
}
