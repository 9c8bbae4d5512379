package org.fissionfusion.vision.model;

import java.util.ArrayList;
import java.util.List;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.TensorSpec;

/** Writes the body of a network as TorchScript and collects the tensors it names. */
final class NetText {
    private final StringBuilder body = new StringBuilder();
    private final List<ModelTensor> tensors = new ArrayList<>();
    private int values;

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

    String conv(String x, String name, int in, int out, int kernel, int stride) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.WEIGHT, out, in, kernel, kernel);
        int pad = kernel / 2;
        return let("torch.conv2d(%s, %s, None, [%d, %d], [%d, %d], [1, 1], 1)"
                .formatted(x, weight, stride, stride, pad, pad));
    }

    String batchNorm(String x, String name, int channels) {
        String weight = tensor(name + ".weight", ModelTensor.Kind.NORM, channels);
        String bias = tensor(name + ".bias", ModelTensor.Kind.NORM, channels);
        String mean = tensor(name + ".running_mean", ModelTensor.Kind.BUFFER, channels);
        String variance = tensor(name + ".running_var", ModelTensor.Kind.BUFFER, channels);
        return let("torch.batch_norm(%s, %s, %s, %s, %s, bn_train, 0.1, 1.0e-05, True)"
                .formatted(x, weight, bias, mean, variance));
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
        String weight = tensor(name + ".weight", ModelTensor.Kind.WEIGHT, out, in);
        String bias = tensor(name + ".bias", ModelTensor.Kind.BIAS, out);
        return let("torch.linear(%s, %s, %s)".formatted(x, weight, bias));
    }

    /** The classifier. Its first dimension is 0 here and becomes the number of classes. */
    String head(String x, String name, int in) {
        String weight = declare(name + ".weight", ModelTensor.Kind.WEIGHT, true, 0, in);
        String bias = declare(name + ".bias", ModelTensor.Kind.BIAS, true, 0);
        return let("torch.linear(%s, %s, %s)".formatted(x, weight, bias));
    }

    /** The body, ending with the return of {@code logits}. */
    String returning(String logits) {
        return body + "    return " + logits + "\n";
    }

    List<ModelTensor> tensors() {
        return List.copyOf(tensors);
    }
}
