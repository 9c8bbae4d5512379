package org.fissionfusion.vision.model;

import java.util.OptionalInt;

/** The residual networks for CIFAR of He et al. (2016), section 4.2, with option-A (parameter-free) shortcuts. */
final class CifarResNet {
    private CifarResNet() {}

    /**
     * A network of this many blocks.
     *
     * @param blocks per stage; the depth is 6 * blocks + 2
     */
    static Architecture architecture(String name, int blocks) {
        NetText text = new NetText();
        String x = text.relu(text.batchNorm(text.conv("x", "conv1", 3, 16, 3, 1), "bn1", 16));
        int in = 16;
        for (int stage = 0; stage < 3; stage++) {
            int out = 16 << stage;
            for (int block = 0; block < blocks; block++) {
                x = block(text, x, "layer%d.%d".formatted(stage + 1, block), in, out);
                in = out;
            }
        }
        String pooled = text.let("torch.flatten(torch.adaptive_avg_pool2d(" + x + ", [1, 1]), 1)");
        String body = text.returning(text.head(pooled, "linear", 64));
        return new Architecture(name, OptionalInt.empty(), text.tensors(), body);
    }

    private static String block(NetText text, String x, String name, int in, int out) {
        int stride = in == out ? 1 : 2;
        String y = text.conv(x, name + ".conv1", in, out, 3, stride);
        y = text.relu(text.batchNorm(y, name + ".bn1", out));
        y = text.batchNorm(text.conv(y, name + ".conv2", out, out, 3, 1), name + ".bn2", out);
        return text.relu(text.let("torch.add_(" + y + ", " + shortcut(text, x, in, out) + ")"));
    }

    /** Option A: every second pixel, and zeros for the new channels, half of them on either side. */
    private static String shortcut(NetText text, String x, int in, int out) {
        if (in == out) {
            return x;
        }
        String every = "0, 9223372036854775807, 2";
        String half = text.let("torch.slice(torch.slice(%s, 2, %s), 3, %s)".formatted(x, every, every));
        int zeros = (out - in) / 2;
        return text.let("torch.constant_pad_nd(%s, [0, 0, 0, 0, %d, %d], 0)".formatted(half, zeros, zeros));
    }
}
