package org.fissionfusion.vision.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * A file made with {@code torch.jit.script(net).save(...)} as an architecture: its tensors, and that it computes logits.
 *
 * <p>Only the engine's TorchScript loader reads it. The head is the last layer whose weight has a row for every class.
 */
final class ScriptFile {
    private static final Pattern ENTRY = Pattern.compile("[^/]+/(data\\.pkl|data/\\d+|constants\\.pkl|constants/\\d+"
            + "|version|byteorder|\\.data/version|\\.data/serialization_id|\\.format_version|\\.storage_alignment"
            + "|code/.+\\.py|code/.+\\.py\\.debug_pkl)");

    /** Reading and writing files, and operators of libraries that are not there. */
    private static final Pattern FORBIDDEN = Pattern.compile("\\btorch\\s*\\.\\s*(from_file|save|load|_save|_load)\\b"
            + "|(?<![\\w.])ops\\s*\\.\\s*(?!prim\\b)\\w+|\\bimport_file");

    private final Path file;

    private ScriptFile(Path file) {
        this.file = file;
    }

    /**
     * The architecture of a file.
     *
     * @param name what it is called
     * @throws IllegalArgumentException when it is no such network for these classes and images
     */
    static Architecture read(Path file, String name, int classes, int imageSize) throws IOException {
        return new ScriptFile(file).architecture(name, classes, imageSize);
    }

    private Architecture architecture(String name, int classes, int imageSize) throws IOException {
        requireArchive();
        List<ModelTensor> tensors = new ArrayList<>();
        List<TensorSpec> counters = new ArrayList<>();
        try (ScriptModule module = ScriptModule.load(file)) {
            String head = head(module.tensors(), classes);
            for (Map.Entry<String, NDArray> entry : module.tensors().entrySet()) {
                long[] shape = entry.getValue().getShape().getShape();
                boolean parameter = ScriptModule.isParameter(entry.getValue());
                switch (entry.getValue().getDataType()) {
                    case FLOAT32 -> {
                        TensorSpec spec = new TensorSpec(entry.getKey(), DType.F32, shape);
                        tensors.add(new ModelTensor(spec, kind(spec, parameter), isOf(head, entry.getKey())));
                    }
                    case INT64 -> counters.add(new TensorSpec(entry.getKey(), DType.I64, shape));
                    default ->
                        throw refused("tensor " + entry.getKey() + " is "
                                + entry.getValue().getDataType() + "; allowed are float32 and int64");
                }
            }
            Shape logits = module.shapeOfTwo(imageSize);
            if (!logits.equals(new Shape(2, classes))) {
                throw refused("two images of %d x %d give %s; allowed is (2, %d): logits of the request's classes"
                        .formatted(imageSize, imageSize, logits, classes));
            }
        }
        return Architecture.scripted(name, file, imageSize, tensors, counters);
    }

    private IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException(file.getFileName() + ": " + reason);
    }

    private static ModelTensor.Kind kind(TensorSpec spec, boolean parameter) {
        if (!parameter) {
            return ModelTensor.Kind.BUFFER;
        }
        if (spec.shape().length > 1) {
            return ModelTensor.Kind.WEIGHT;
        }
        return spec.name().endsWith("bias") ? ModelTensor.Kind.BIAS : ModelTensor.Kind.NORM;
    }

    /** Name of the layer, without a dot. */
    private String head(Map<String, NDArray> tensors, int classes) {
        String weight = tensors.entrySet().stream()
                .filter(entry -> ScriptModule.isParameter(entry.getValue()))
                .filter(entry -> entry.getKey().endsWith(".weight"))
                .filter(entry -> entry.getValue().getShape().dimension() == 2
                        && entry.getValue().getShape().get(0) == classes)
                .map(Map.Entry::getKey)
                .reduce((_, last) -> last)
                .orElseThrow(() -> refused("no layer has a weight of " + classes
                        + " rows; allowed is a network made for the request's " + classes + " classes"));
        return weight.substring(0, weight.length() - ".weight".length());
    }

    private static boolean isOf(String head, String tensor) {
        return tensor.equals(head + ".weight") || tensor.equals(head + ".bias");
    }

    private void requireArchive() throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                if (!ENTRY.matcher(entry.getName()).matches()) {
                    throw refused("holds " + entry.getName() + "; allowed is what torch.jit.script(net).save writes");
                }
                if (entry.getName().endsWith(".py")) {
                    requireHarmless(
                            entry.getName(),
                            new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            if (zip.stream().noneMatch(entry -> entry.getName().endsWith(".py"))) {
                throw refused("holds no code; allowed is what torch.jit.script(net).save writes, not torch.save");
            }
        } catch (java.util.zip.ZipException e) {
            throw new IllegalArgumentException(
                    file.getFileName() + ": is no archive of torch.jit.script(net).save: " + e.getMessage(), e);
        }
    }

    private void requireHarmless(String entry, String code) {
        Matcher found = FORBIDDEN.matcher(code);
        if (found.find()) {
            throw refused(entry + " calls " + found.group() + "; allowed are PyTorch's own operators, none on files");
        }
    }
}
