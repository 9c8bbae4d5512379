package org.fissionfusion.vision.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * A network: the tensors it needs and what it computes, without any weights.
 *
 * <p>Input is float32 N x 3 x S x S, normalised; output is N x classes logits.
 */
public final class Architecture {
    private final String name;
    private final OptionalInt imageSize;
    private final List<ModelTensor> tensors;
    private final String body;

    Architecture(String name, OptionalInt imageSize, List<ModelTensor> tensors, String body) {
        this.name = name;
        this.imageSize = imageSize;
        this.tensors = tensors;
        this.body = body;
    }

    /** What {@link #named} knows. */
    public static List<String> names() {
        return List.of("resnet20", "resnet32", "vit-micro");
    }

    /**
     * The architecture of this name.
     *
     * @throws IllegalArgumentException naming what is known
     */
    public static Architecture named(String name) {
        return switch (name) {
            case "resnet20" -> CifarResNet.architecture(name, 3);
            case "resnet32" -> CifarResNet.architecture(name, 5);
            case "vit-micro" -> MicroVisionTransformer.architecture(name);
            default -> throw new IllegalArgumentException("architecture '" + name + "' is none of " + names());
        };
    }

    public String name() {
        return name;
    }

    /** The only image size it takes, or empty when any will do. */
    public OptionalInt imageSize() {
        return imageSize;
    }

    /**
     * Checks the size of its images.
     *
     * @throws IllegalArgumentException when images of this size cannot be fed to it
     */
    public void requireImageSize(int size) {
        if (imageSize.isPresent() ? size != imageSize.getAsInt() : size < 8) {
            throw new IllegalArgumentException("imageSize: %d; %s takes %s"
                    .formatted(size, name, imageSize.isPresent() ? imageSize.getAsInt() : "8 or more"));
        }
    }

    /** Parameters and buffers in the order of a state dictionary, for a number of classes. */
    public List<ModelTensor> tensors(int classes) {
        return tensors.stream().map(t -> t.head() ? sized(t, classes) : t).toList();
    }

    /** The same by name, in the same order. */
    public Map<String, ModelTensor> tensorsByName(int classes) {
        Map<String, ModelTensor> byName = new LinkedHashMap<>();
        tensors(classes).forEach(tensor -> byName.put(tensor.name(), tensor));
        return byName;
    }

    private static ModelTensor sized(ModelTensor tensor, int classes) {
        long[] shape = tensor.spec().shape();
        shape[0] = classes;
        TensorSpec spec = new TensorSpec(tensor.name(), tensor.spec().dtype(), shape);
        return new ModelTensor(spec, tensor.kind(), true);
    }

    /** TorchScript statements that compute the logits of {@code x} with weights {@code w}. */
    String body() {
        return body;
    }

    @Override
    public String toString() {
        return name;
    }
}
