package org.fissionfusion.vision.model;

import java.util.List;

/**
 * The residual networks of He et al. (2016) for large images with torchvision's names. In bottleneck blocks the 3 x 3
 * convolution has the stride ("v1.5").
 */
record ResNet(boolean bottleneck, List<Integer> depths) {
    private static final int STEM = 64;

    /** Two 3 x 3 convolutions a block. */
    static Architecture basic(String name, Integer... depths) {
        return new ResNet(false, List.of(depths)).architecture(name);
    }

    /** 1 x 1, 3 x 3 and 1 x 1 convolutions a block. */
    static Architecture bottleneck(String name, Integer... depths) {
        return new ResNet(true, List.of(depths)).architecture(name);
    }

    private Architecture architecture(String name) {
        return new Architecture(name, Architecture.Sizes.from(32, 224), this::write);
    }

    private String write(NetText text) {
        String x = bottleneck
                ? text.narrowConv(text.images(), "conv1", 3, STEM, 7, 2)
                : text.conv(text.images(), "conv1", 3, STEM, 7, 2); // the first block adds it
        x = text.relu(text.countedBatchNorm(x, "bn1", STEM));
        x = text.let("torch.max_pool2d(" + x + ", [3, 3], [2, 2], [1, 1], [1, 1], False)");
        int blocks = depths.stream().mapToInt(Integer::intValue).sum();
        int in = STEM;
        int done = 0;
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int i = 0; i < depths.get(stage); i++) {
                Block block =
                        new Block("layer%d.%d".formatted(stage + 1, i), in, STEM << stage, stage > 0 && i == 0 ? 2 : 1);
                String input = keeps(block) ? x : text.shared(x);
                String y = bottleneck ? narrowing(text, input, block) : plain(text, input, block);
                y = text.branch(y, done++, blocks, "[-1, 1, 1, 1]");
                String shortcut = keeps(block) ? x : projection(text, input, block);
                x = text.relu(text.let("torch.add_(" + y + ", " + shortcut + ")"));
                in = outputs(block);
            }
        }
        String pooled = text.let("torch.flatten(torch.adaptive_avg_pool2d(" + x + ", [1, 1]), 1)");
        return text.head(pooled, "fc", in);
    }

    /** A block of this many input channels. */
    private record Block(String name, int in, int width, int stride) {}

    private int outputs(Block block) {
        return bottleneck ? 4 * block.width() : block.width();
    }

    private static String plain(NetText text, String x, Block b) {
        String y = text.narrowConv(x, b.name() + ".conv1", b.in(), b.width(), 3, b.stride());
        y = text.relu(text.countedBatchNorm(y, b.name() + ".bn1", b.width()));
        y = text.conv(y, b.name() + ".conv2", b.width(), b.width(), 3, 1);
        return text.countedBatchNorm(y, b.name() + ".bn2", b.width());
    }

    private String narrowing(NetText text, String x, Block b) {
        String y = text.narrowConv(x, b.name() + ".conv1", b.in(), b.width(), 1, 1);
        y = text.relu(text.countedBatchNorm(y, b.name() + ".bn1", b.width()));
        y = text.narrowConv(y, b.name() + ".conv2", b.width(), b.width(), 3, b.stride());
        y = text.relu(text.countedBatchNorm(y, b.name() + ".bn2", b.width()));
        y = text.conv(y, b.name() + ".conv3", b.width(), outputs(b), 1, 1);
        return text.countedBatchNorm(y, b.name() + ".bn3", outputs(b));
    }

    /** Whether a block adds its input as it is. */
    private boolean keeps(Block block) {
        return block.stride() == 1 && block.in() == outputs(block);
    }

    private String projection(NetText text, String x, Block b) {
        String y = text.conv(x, b.name() + ".downsample.0", b.in(), outputs(b), 1, b.stride());
        return text.countedBatchNorm(y, b.name() + ".downsample.1", outputs(b));
    }
}
