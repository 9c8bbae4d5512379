package org.fissionfusion.vision.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.SafetensorsFile;
import org.fissionfusion.core.weights.SafetensorsWriter;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSource;
import org.fissionfusion.core.weights.TensorSpec;
import org.fissionfusion.core.weights.WeightsDigest;
import org.fissionfusion.core.weights.WeightsException;

/** Weights that fit an architecture: every tensor there, float32, of the right shape, finite. */
public final class ModelWeights {
    static final String BATCH_COUNT = ".num_batches_tracked";
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Map<String, Tensor> tensors;

    private ModelWeights(Map<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * Reads a file into memory.
     *
     * @throws WeightsException naming the file, the tensor and both layouts
     */
    public static ModelWeights read(Path file, Architecture architecture, int classes) throws IOException {
        return read(file, architecture, classes, OptionalLong.empty());
    }

    /**
     * Reads the file of a pretrained model: of possibly another number of classes, then a head seeded with
     * {@code headSeed} replaces its own; of possibly another image size, then position embeddings are interpolated.
     */
    public static ModelWeights readWithHead(Path file, Architecture architecture, int classes, long headSeed)
            throws IOException {
        return read(file, architecture, classes, OptionalLong.of(headSeed));
    }

    private static ModelWeights read(Path path, Architecture architecture, int classes, OptionalLong headSeed)
            throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<Tensor> given = new ArrayList<>();
            for (TensorSpec spec : file.tensors()) {
                MemorySegment copy = Arena.ofAuto().allocate(spec.byteSize(), Long.BYTES);
                given.add(new Tensor(spec, copy.copyFrom(file.bytes(spec.name()))));
            }
            return checked(path.toString(), architecture, classes, given, headSeed);
        }
    }

    /** Tensors in memory, taken as they are after the same checks. */
    public static ModelWeights of(Architecture architecture, int classes, Collection<Tensor> given)
            throws IllegalArgumentException {
        try {
            return checked(architecture.name(), architecture, classes, given, OptionalLong.empty());
        } catch (WeightsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static ModelWeights checked(
            String source, Architecture architecture, int classes, Collection<Tensor> given, OptionalLong headSeed)
            throws WeightsException {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        given.forEach(tensor -> byName.put(tensor.spec().name(), tensor));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<ModelTensor> wanted = architecture.tensors(classes);
        boolean newHead = headSeed.isPresent()
                && wanted.stream().anyMatch(t -> t.head() && differs(byName.get(t.name()), t.spec()));
        for (ModelTensor tensor : wanted) {
            Tensor found = byName.remove(tensor.name());
            if (tensor.head() && newHead) {
                found = InitialWeights.head(architecture, tensor.spec(), headSeed.getAsLong());
            } else if (headSeed.isPresent()
                    && found != null
                    && PositionEmbeddings.canResize(found.spec(), tensor.spec())) {
                found = PositionEmbeddings.resized(found, tensor.spec());
            }
            requireFit(source, architecture, tensor.spec(), found);
            tensors.put(tensor.name(), found);
        }
        for (TensorSpec counter : architecture.counters()) {
            Tensor found = byName.remove(counter.name());
            if (found == null && !counter.name().endsWith(BATCH_COUNT)) {
                throw new WeightsException(source, "tensor %s of %s is missing".formatted(counter, architecture));
            }
            if (found != null && !found.spec().sameLayout(counter)) {
                throw new WeightsException(
                        source,
                        "tensor %s is %s, but %s needs %s"
                                .formatted(counter.name(), found.spec().layout(), architecture, counter.layout()));
            }
            tensors.put(counter.name(), found == null ? zero(counter) : found);
        }
        for (Tensor extra : byName.values()) {
            if (!extra.spec().name().endsWith(BATCH_COUNT) || extra.spec().dtype() != DType.I64) {
                throw new WeightsException(source, "%s is no tensor of %s".formatted(extra.spec(), architecture));
            }
            tensors.put(extra.spec().name(), extra);
        }
        return new ModelWeights(tensors);
    }

    private static Tensor zero(TensorSpec counter) {
        return new Tensor(counter, Arena.ofAuto().allocate(counter.byteSize(), Long.BYTES));
    }

    private static boolean differs(Tensor found, TensorSpec wanted) {
        return found == null || !found.spec().sameLayout(wanted);
    }

    private static void requireFit(String source, Architecture architecture, TensorSpec wanted, Tensor found)
            throws WeightsException {
        if (found == null) {
            throw new WeightsException(source, "tensor %s of %s is missing".formatted(wanted, architecture));
        }
        if (!found.spec().sameLayout(wanted)) {
            throw new WeightsException(
                    source,
                    "tensor %s is %s, but %s needs %s"
                            .formatted(wanted.name(), found.spec().layout(), architecture, wanted.layout()));
        }
        for (long i = 0; i < wanted.elements(); i++) {
            float value = Float.intBitsToFloat(found.bytes().get(BITS, i * Float.BYTES));
            if (!Float.isFinite(value)) {
                throw new WeightsException(source, "tensor %s holds %s at %d".formatted(wanted, value, i));
            }
        }
    }

    /** True for a counter of BatchNorm's batches. */
    public static boolean countsBatches(TensorSpec spec) {
        return spec.name().endsWith(BATCH_COUNT) && spec.dtype() == DType.I64;
    }

    /** In the architecture's order, then the counters of batches if there were any. */
    public Collection<Tensor> tensors() {
        return tensors.values();
    }

    public Tensor tensor(String name) {
        return tensors.get(name);
    }

    /** Independent of file order and metadata. */
    public String digest() {
        return WeightsDigest.of(tensors.values());
    }

    /** Writes a safetensors file. */
    public void write(Path target, Map<String, String> metadata) throws IOException {
        List<TensorSource> sources =
                tensors.values().stream().map(Tensor::asSource).toList();
        SafetensorsWriter.write(target, metadata, sources);
    }
}
