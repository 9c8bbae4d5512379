package org.fissionfusion.vision.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Pre-norm vision transformers (Dosovitskiy et al. 2021) with timm's names: a class token, no distillation token,
 * LayerNorm with epsilon 1e-6, exact GELU. Position embeddings fit one image size.
 */
record VisionTransformer(int imageSize, int patch, int width, int heads, int depth) {
    private static final int IMAGE = 224;
    private static final int PATCH = 16;
    private static final int DEPTH = 12;

    /** Small enough for 32 x 32 images on a CPU. */
    static Architecture micro(String name) {
        return new Architecture(
                name, Architecture.Sizes.only(32), text -> new VisionTransformer(32, 4, 128, 4, 6).write(text));
    }

    static Architecture tiny(String name) {
        return new VisionTransformer(IMAGE, PATCH, 192, 3, DEPTH).resizable(name);
    }

    static Architecture small(String name) {
        return new VisionTransformer(IMAGE, PATCH, 384, 6, DEPTH).resizable(name);
    }

    static Architecture base(String name) {
        return new VisionTransformer(IMAGE, PATCH, 768, 12, DEPTH).resizable(name);
    }

    private Architecture resizable(String name) {
        Architecture.Sizes sizes = new Architecture.Sizes(
                OptionalInt.of(imageSize),
                IMAGE,
                patch,
                patch,
                Optional.of(size -> new VisionTransformer(size, patch, width, heads, depth).resizable(name)));
        return new Architecture(name, sizes, this::write);
    }

    private int tokens() {
        return (imageSize / patch) * (imageSize / patch) + 1;
    }

    private String write(NetText text) {
        String cls = text.tensor("cls_token", ModelTensor.Kind.WEIGHT, 1, 1, width);
        String positions = text.tensor(PositionEmbeddings.NAME, ModelTensor.Kind.WEIGHT, 1, tokens(), width);
        String patches = text.patches(text.images(), "patch_embed.proj", width, patch);
        patches = text.let("torch.transpose(torch.flatten(" + patches + ", 2), 1, 2)");
        String first = text.let("torch.expand(" + cls + ", [torch.size(x, 0), -1, -1])");
        String x = text.let("torch.add(torch.cat([" + first + ", " + patches + "], 1), " + positions + ")");
        for (int block = 0; block < depth; block++) {
            x = block(text, x, block);
        }
        x = text.layerNorm(x, "norm", width);
        return text.head(text.let("torch.flatten(" + x + ", 1)"), "head", width);
    }

    /** All tokens of a block; of the last one the class token alone, the only one that the head sees. */
    private String block(NetText text, String x, int block) {
        boolean last = block == depth - 1;
        String name = "blocks." + block;
        String normed = text.layerNorm(x, name + ".norm1", width);
        String mixed = attention(text, normed, name + ".attn", last);
        mixed = text.branch(mixed, block, depth, "[-1, 1, 1]");
        String y = text.let("torch.add(" + (last ? classToken(text, x) : x) + ", " + mixed + ")");
        String out = text.perceptron(text.layerNorm(y, name + ".norm2", width), name + ".mlp", width, 4 * width);
        out = text.branch(out, block, depth, "[-1, 1, 1]");
        return text.let("torch.add(" + y + ", " + out + ")");
    }

    private static String classToken(NetText text, String x) {
        return text.let("torch.slice(" + x + ", 1, 0, 1)");
    }

    private String attention(NetText text, String x, String name, boolean last) {
        String qkv = text.narrowLinear(x, name + ".qkv", width, 3 * width);
        String split = text.let("torch.permute(torch.reshape(%s, [-1, %d, 3, %d, %d]), [2, 0, 3, 1, 4])"
                .formatted(qkv, tokens(), heads, width / heads));
        String parts = text.let("torch.unbind(" + split + ")");
        String q = text.let(parts + "[0]");
        String k = text.let(parts + "[1]");
        String v = text.let(parts + "[2]");
        if (last) {
            q = text.let("torch.slice(" + q + ", 2, 0, 1)");
        }
        String mixed = text.attention(q, k, v, width / heads);
        String joined = text.let(
                "torch.reshape(torch.transpose(%s, 1, 2), [-1, %d, %d])".formatted(mixed, last ? 1 : tokens(), width));
        return text.linear(joined, name + ".proj", width, width);
    }
}
