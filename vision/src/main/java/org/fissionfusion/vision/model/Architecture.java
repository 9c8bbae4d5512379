package org.fissionfusion.vision.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.fissionfusion.core.request.Architectures;
import org.fissionfusion.core.request.ScriptedArchitecture;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * A network: the tensors it needs and what it computes, without any weights.
 *
 * <p>Input is float32 N x 3 x S x S, normalised; output is N x classes logits.
 */
public final class Architecture {
    /** Among the weights of a step: a factor for every branch of every image, branches x N. */
    public static final String PATH_MASK = NetText.PATH_MASK;

    /** Among the weights of a step: a factor for every feature of every image, N x features. */
    public static final String HEAD_MASK = NetText.HEAD_MASK;

    private final String name;
    private final Sizes sizes;
    private final Blueprint blueprint;
    private final Optional<Path> script;
    private final List<ModelTensor> tensors;
    private final List<TensorSpec> counters;

    Architecture(String name, Sizes sizes, Blueprint blueprint) {
        this.name = name;
        this.sizes = sizes;
        this.blueprint = blueprint;
        this.script = Optional.empty();
        NetText text = new NetText(Computation.PAPER, true);
        blueprint.write(text);
        this.tensors = text.tensors();
        this.counters = text.counters();
    }

    private Architecture(
            String name, Path script, int imageSize, List<ModelTensor> tensors, List<TensorSpec> counters) {
        this.name = name;
        this.sizes = new Sizes(OptionalInt.of(imageSize), imageSize, imageSize, 1, Optional.empty());
        this.blueprint = _ -> "x"; // the step begins with the logits that the script gave
        this.script = Optional.of(script);
        this.tensors = List.copyOf(tensors);
        this.counters = List.copyOf(counters);
    }

    static Architecture scripted(
            String name, Path script, int imageSize, List<ModelTensor> tensors, List<TensorSpec> counters) {
        return new Architecture(name, script, imageSize, tensors, counters);
    }

    /** The file that computes the logits, where this text does not. */
    Optional<Path> script() {
        return script;
    }

    /** Writes a network and returns the name of its logits. */
    @FunctionalInterface
    interface Blueprint {
        String write(NetText text);
    }

    /**
     * Which images fit.
     *
     * @param only the size that fits these tensors, or empty when any size does
     * @param usual size that the network was made for
     * @param least smallest size
     * @param multiple what a size must be a multiple of
     * @param resized the same network for another size, when its tensors depend on the size
     */
    record Sizes(OptionalInt only, int usual, int least, int multiple, Optional<IntFunction<Architecture>> resized) {
        static Sizes from(int least, int usual) {
            return new Sizes(OptionalInt.empty(), usual, least, 1, Optional.empty());
        }

        static Sizes only(int size) {
            return new Sizes(OptionalInt.of(size), size, size, size, Optional.empty());
        }
    }

    /** What {@link #named} knows, which is what requests may name. */
    public static List<String> names() {
        return Architectures.NAMES;
    }

    /**
     * The architecture of this name, at the image size it was made for.
     *
     * @throws IllegalArgumentException naming what is known
     */
    public static Architecture named(String name) {
        return switch (name) {
            case "resnet20" -> CifarResNet.architecture(name, 3);
            case "resnet32" -> CifarResNet.architecture(name, 5);
            case "resnet18" -> ResNet.basic(name, 2, 2, 2, 2);
            case "resnet34" -> ResNet.basic(name, 3, 4, 6, 3);
            case "resnet50" -> ResNet.bottleneck(name, 3, 4, 6, 3);
            case "resnet101" -> ResNet.bottleneck(name, 3, 4, 23, 3);
            case "vit-micro" -> VisionTransformer.micro(name);
            case "deit_tiny_patch16_224", "vit_tiny_patch16_224" -> VisionTransformer.tiny(name);
            case "deit_small_patch16_224", "vit_small_patch16_224" -> VisionTransformer.small(name);
            case "deit_base_patch16_224", "vit_base_patch16_224" -> VisionTransformer.base(name);
            default -> throw new IllegalArgumentException("architecture '" + name + "' is none of " + names());
        };
    }

    /**
     * The architecture of this name for images of this size.
     *
     * @throws IllegalArgumentException naming what is known, or the sizes that fit
     */
    public static Architecture named(String name, int imageSize) {
        Architecture made = named(name);
        made.requireFit(imageSize);
        return made.sizes.resized().map(resize -> resize.apply(imageSize)).orElse(made);
    }

    /**
     * The architecture of a resolved request: of a name, or a script of the store.
     *
     * @param scripts gives the checked file of a script
     * @throws IllegalArgumentException naming what is known, the sizes that fit, or what a script does otherwise
     */
    public static Architecture of(String name, int imageSize, int classes, Function<ScriptedArchitecture, Path> scripts)
            throws IOException {
        Optional<ScriptedArchitecture> script = ScriptedArchitecture.of(name);
        return script.isPresent()
                ? scripted(scripts.apply(script.get()), name, imageSize, classes)
                : named(name, imageSize);
    }

    /** The architecture of a scripted network for these images and classes; see docs/request.md. */
    public static Architecture scripted(Path file, String name, int imageSize, int classes) throws IOException {
        return ScriptFile.read(file, name, classes, imageSize);
    }

    /** True for a scripted network. */
    public boolean isScripted() {
        return script.isPresent();
    }

    public String name() {
        return name;
    }

    /** The size of images that the network was made for. */
    public int usualImageSize() {
        return sizes.usual();
    }

    /** True for networks that begin with a class token. */
    boolean transformer() {
        return tensors.getFirst().name().equals("cls_token");
    }

    private void requireFit(int size) {
        if (size < sizes.least()
                || size % sizes.multiple() != 0
                || (sizes.resized().isEmpty() && !isOnly(size))) {
            throw new IllegalArgumentException("imageSize: %d; %s takes %s".formatted(size, name, allowedSizes()));
        }
    }

    private boolean isOnly(int size) {
        return sizes.only().isEmpty() || sizes.only().getAsInt() == size;
    }

    private String allowedSizes() {
        if (sizes.resized().isPresent()) {
            return "multiples of " + sizes.multiple();
        }
        return sizes.only().isPresent() ? Integer.toString(sizes.only().getAsInt()) : sizes.least() + " or more";
    }

    /**
     * Checks the size of its images.
     *
     * @throws IllegalArgumentException when images of this size cannot be fed to these tensors
     */
    public void requireImageSize(int size) {
        requireFit(size);
        if (!isOnly(size)) {
            throw new IllegalArgumentException("imageSize: %d; these tensors of %s are for %d"
                    .formatted(size, name, sizes.only().getAsInt()));
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

    /** Counters of the batches that a BatchNorm saw, where state dictionaries of this network have them. */
    public List<TensorSpec> counters() {
        return counters;
    }

    /** Number of inputs of the head. */
    public int features() {
        return tensors.stream()
                .filter(t -> t.head() && t.spec().shape().length == 2)
                .mapToInt(t -> (int) t.spec().shape()[1])
                .findFirst()
                .orElseThrow();
    }

    /** TorchScript statements that compute the logits of {@code x} with weights {@code w}, on the host or a device. */
    String body(Computation computation, boolean onHost) {
        NetText text = new NetText(computation, onHost);
        return text.returning(blueprint.write(text));
    }

    /** For each branch that stochastic depth may skip, where its block lies: 0 for the first, 1 for the last. */
    public List<Double> branches(Computation computation) {
        NetText text = new NetText(computation, true);
        blueprint.write(text);
        return text.branches();
    }

    @Override
    public String toString() {
        return name;
    }
}
