package org.fissionfusion.vision.model;

/** The residual networks for CIFAR of He et al. (2016), section 4.2, with option-A (parameter-free) shortcuts. */
final class CifarResNet {
    private CifarResNet() {}

    /**
     * A network of this many blocks.
     *
     * @param blocks per stage; the depth is 6 * blocks + 2
     */
    static Architecture architecture(String name, int blocks) {
        return new Architecture(name, Architecture.Sizes.from(8, 32), text -> write(text, blocks));
    }

    private static String write(NetText text, int blocks) {
        String x = text.relu(text.batchNorm(text.conv(text.images(), "conv1", 3, 16, 3, 1), "bn1", 16));
        int in = 16;
        for (int stage = 0; stage < 3; stage++) {
            int out = 16 << stage;
            for (int block = 0; block < blocks; block++) {
                String name = "layer%d.%d".formatted(stage + 1, block);
                x = block(text, x, name, new Place(stage * blocks + block, 3 * blocks), in, out);
                in = out;
            }
        }
        String pooled = text.let("torch.flatten(torch.adaptive_avg_pool2d(" + x + ", [1, 1]), 1)");
        return text.head(pooled, "linear", 64);
    }

    /** Which of how many blocks. */
    private record Place(int block, int blocks) {}

    private static String block(NetText text, String x, String name, Place place, int in, int out) {
        int stride = in == out ? 1 : 2;
        String y = text.narrowConv(x, name + ".conv1", in, out, 3, stride);
        y = text.relu(text.batchNorm(y, name + ".bn1", out));
        y = text.batchNorm(text.conv(y, name + ".conv2", out, out, 3, 1), name + ".bn2", out);
        y = text.branch(y, place.block(), place.blocks(), "[-1, 1, 1, 1]");
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
