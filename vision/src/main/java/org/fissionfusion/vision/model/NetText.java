package org.fissionfusion.vision.model;

import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.TensorSpec;

/** Writes the body of a network as TorchScript and collects the tensors it names. */
final class NetText {
    /** Weights of the branches of every image, blocks x N; there while a step drops some. */
    static final String PATH_MASK = "mask.path";

    /** Weights of the features before the head, N x features; there while a step drops some. */
    static final String HEAD_MASK = "mask.head";

    private static final int BFLOAT16 = 15;
    private static final int FLOAT32 = 6;

    private final Computation computation;
    private final boolean onHost;
    private final StringBuilder body = new StringBuilder();
    private final List<ModelTensor> tensors = new ArrayList<>();
    private final List<TensorSpec> counters = new ArrayList<>();
    private final List<Double> branches = new ArrayList<>();
    private int values;

    NetText(Computation computation, boolean onHost) {
        this.computation = computation;
        this.onHost = onHost;
    }

    /** Assigns an expression to a new local value and returns the value's name. */
    String let(String expression) {
        String name = "t" + values++;
        body.append("    ").append(name).append(" = ").append(expression).append('\n');
        return name;
    }

    /** Declares a tensor and returns the expression that reads it. */
    String tensor(String name, ModelTensor.Kind kind, long... shape) {
        return declare(name, kind, false, shape);
    }

    private String declare(String name, ModelTensor.Kind kind, boolean head, long... shape) {
        tensors.add(new ModelTensor(new TensorSpec(name, DType.F32, shape), kind, head));
        return "w[\"" + name + "\"]";
    }

    private boolean narrow() {
        return computation.precision() == Precision.BF16;
    }

    /** An operand of a convolution or matrix product. */
    private String operand(String x) {
        return narrow() ? "torch.to(" + x + ", " + BFLOAT16 + ")" : x;
    }

    /** What several convolutions take: narrowed once. */
    String shared(String x) {
        return narrow() ? let(operand(x)) : x;
    }

    /** The result of a convolution or matrix product, for everything else. */
    private String wide(String result) {
        return narrow() ? "torch.to(" + result + ", " + FLOAT32 + ")" : result;
    }

    /** The images, laid out as the computation wants them. */
    String images() {
        return switch (computation.memoryFormat()) {
            case CONTIGUOUS -> "x";
            case CHANNELS_LAST -> let("torch.contiguous(" + operand("x") + ", memory_format=2)");
        };
    }

    /** A square kernel with padding of half its size and no bias. */
    String conv(String x, String name, int in, int out, int kernel, int stride) {
        return let(wide(convolution(x, name, in, out, kernel, stride)));
    }

    /**
     * A convolution whose result goes, normalised and rectified, into more convolutions only. Norms compute in float32
     * whatever they are given, and the next convolution would round their result anyway: nothing is lost.
     */
    String narrowConv(String x, String name, int in, int out, int kernel, int stride) {
        return let(convolution(x, name, in, out, kernel, stride));
    }

    private String convolution(String x, String name, int in, int out, int kernel, int stride) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.WEIGHT, out, in, kernel, kernel);
        int pad = kernel / 2;
        return "torch.conv2d(%s, %s, None, [%d, %d], [%d, %d], [1, 1], 1)"
                .formatted(operand(x), kernel(weight, out, in, kernel), stride, stride, pad, pad);
    }

    /**
     * A kernel laid out as the images are, once: the engine would do it in the forward and again in the backward pass. In
     * bf16 its gradient comes back to the layout of the weight before it is widened.
     */
    private String kernel(String weight, int out, int in, int side) {
        if (computation.memoryFormat() != MemoryFormat.CHANNELS_LAST || side == 1) {
            return operand(weight);
        }
        String kernel = narrow()
                ? "torch.reshape(%s, [%d, %d, %d, %d])"
                        .formatted(operand("torch.flatten(" + weight + ")"), out, in, side, side)
                : weight;
        return "torch.contiguous(" + kernel + ", memory_format=2)";
    }

    /** A kernel as large as its stride, with bias and no padding. */
    String patches(String x, String name, int out, int patch) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.WEIGHT, out, 3, patch, patch);
        String bias = tensor(name + ".bias", ModelTensor.Kind.BIAS, out);
        return let(wide("torch.conv2d(%s, %s, %s, [%d, %d], [0, 0], [1, 1], 1)"
                .formatted(operand(x), operand(weight), operand(bias), patch, patch)));
    }

    String batchNorm(String x, String name, int channels) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.NORM, channels);
        String bias = tensor(name + ".bias", ModelTensor.Kind.NORM, channels);
        String mean = tensor(name + ".running_mean", ModelTensor.Kind.BUFFER, channels);
        String variance = tensor(name + ".running_var", ModelTensor.Kind.BUFFER, channels);
        return let("torch.batch_norm(%s, %s, %s, %s, %s, bn_train, 0.1, 1.0e-05, True)"
                .formatted(x, weight, bias, mean, variance));
    }

    /** The same with a counter of batches, as torch.nn.BatchNorm2d keeps it. */
    String countedBatchNorm(String x, String name, int channels) {
        counters.add(new TensorSpec(name + ModelWeights.BATCH_COUNT, DType.I64, new long[0]));
        return batchNorm(x, name, channels);
    }

    String relu(String x) {
        return let("torch.relu_(" + x + ")");
    }

    String layerNorm(String x, String name, int width) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.NORM, width);
        String bias = tensor(name + ".bias", ModelTensor.Kind.NORM, width);
        return let("torch.layer_norm(%s, [%d], %s, %s, 1.0e-06, True)".formatted(x, width, weight, bias));
    }

    String linear(String x, String name, int in, int out) {
        return let(blocked() ? dense(blockedLinear(blocked(x), name, in, out)) : wide(product(x, name, in, out)));
    }

    /** A linear map whose result only goes into more products, which need it no wider. */
    String narrowLinear(String x, String name, int in, int out) {
        return blocked() ? linear(x, name, in, out) : let(product(x, name, in, out));
    }

    /** Two linear maps with GELU between; in bf16 the GELU is computed in bf16, too. */
    String perceptron(String x, String name, int width, int hidden) {
        if (blocked()) {
            String inner = blockedLinear(blocked(x), name + ".fc1", width, hidden);
            return let(dense(blockedLinear("torch.gelu(" + inner + ")", name + ".fc2", hidden, width)));
        }
        String inner = narrowLinear(x, name + ".fc1", width, hidden);
        return linear(let("torch.gelu(" + inner + ")"), name + ".fc2", hidden, width);
    }

    /**
     * Softmax attention, N x heads x tokens x {@code width} each. The softmax is float32 whatever the operands are; the
     * host's fused kernel takes bfloat16 products in float32 too, which is slower than oneDNN's one by one.
     */
    String attention(String q, String k, String v, int width) {
        if (!onHost || !narrow()) {
            return let("torch.scaled_dot_product_attention(" + q + ", " + k + ", " + v + ")");
        }
        String scaled = let("torch.mul(" + q + ", " + 1 / Math.sqrt(width) + ")");
        String scores = let(wide("torch.matmul(" + scaled + ", torch.transpose(" + k + ", -2, -1))"));
        return let("torch.matmul(" + operand("torch.softmax(" + scores + ", -1)") + ", " + v + ")");
    }

    private String product(String x, String name, int in, int out) {
        String weight = linearWeight(name, in, out);
        return "torch.linear(%s, %s, %s)".formatted(operand(x), operand(weight), operand(linearBias(name, out)));
    }

    /**
     * Float32 maps on the host go through oneDNN and its memory layout, as convolutions do anyway: {@code torch.linear}
     * calls MKL, which on AMD's processors takes twice as long.
     */
    private boolean blocked() {
        return onHost && !narrow();
    }

    private static String blocked(String x) {
        return "torch.to_mkldnn(" + x + ")";
    }

    private static String dense(String x) {
        return "torch.to_dense(" + x + ")";
    }

    private String blockedLinear(String x, String name, int in, int out) {
        return "torch.mkldnn_linear(%s, %s, %s)".formatted(x, linearWeight(name, in, out), linearBias(name, out));
    }

    private String linearWeight(String name, int in, int out) {
        return tensor(name + ".weight", ModelTensor.Kind.WEIGHT, out, in);
    }

    private String linearBias(String name, int out) {
        return tensor(name + ".bias", ModelTensor.Kind.BIAS, out);
    }

    /** The branch of a block, which some images skip when the computation has stochastic depth. */
    String branch(String y, int block, int blocks, String shape) {
        if (computation.stochasticDepth() == 0) {
            return y;
        }
        int row = branches.size();
        branches.add(blocks == 1 ? 0 : (double) block / (blocks - 1));
        String factors = "torch.reshape(torch.select(w[\"%s\"], 0, %d), %s)".formatted(PATH_MASK, row, shape);
        return dropped(PATH_MASK, y, factors);
    }

    private String dropped(String mask, String y, String factors) {
        String result = "t" + values++;
        body.append("""
                    if torch.__contains__(w, "%1$s"):
                      %2$s = torch.mul(%3$s, %4$s)
                    else:
                      %2$s = %3$s
                """.formatted(mask, result, y, factors));
        return result;
    }

    /** The classifier. Its first dimension is 0 here and becomes the number of classes. */
    String head(String x, String name, int in) {
        String features = computation.dropout() == 0 ? x : dropped(HEAD_MASK, x, "w[\"" + HEAD_MASK + "\"]");
        String weight = declare(name + ".weight", ModelTensor.Kind.WEIGHT, true, 0, in);
        String bias = declare(name + ".bias", ModelTensor.Kind.BIAS, true, 0);
        return let("torch.linear(%s, %s, %s)".formatted(features, weight, bias));
    }

    /** The body, ending with the return of {@code logits}. */
    String returning(String logits) {
        return body + "    return " + logits + "\n";
    }

    List<ModelTensor> tensors() {
        return List.copyOf(tensors);
    }

    List<TensorSpec> counters() {
        return List.copyOf(counters);
    }

    /** For each branch that may be skipped, where its block lies: 0 for the first, 1 for the last. */
    List<Double> branches() {
        return List.copyOf(branches);
    }
}
