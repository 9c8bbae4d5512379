package org.fissionfusion.vision.model;

import java.util.OptionalInt;

/** A pre-norm vision transformer (Dosovitskiy et al. 2021) with timm's names, small enough for 32 x 32 images on a CPU. */
final class MicroVisionTransformer {
    private static final int IMAGE = 32;
    private static final int PATCH = 4;
    private static final int WIDTH = 128;
    private static final int HEADS = 4;
    private static final int DEPTH = 6;
    private static final int TOKENS = (IMAGE / PATCH) * (IMAGE / PATCH) + 1;

    private MicroVisionTransformer() {}

    static Architecture architecture(String name) {
        NetText text = new NetText();
        String cls = text.tensor("cls_token", ModelTensor.Kind.WEIGHT, 1, 1, WIDTH);
        String positions = text.tensor("pos_embed", ModelTensor.Kind.WEIGHT, 1, TOKENS, WIDTH);
        String kernel = text.tensor("patch_embed.proj.weight", ModelTensor.Kind.WEIGHT, WIDTH, 3, PATCH, PATCH);
        String bias = text.tensor("patch_embed.proj.bias", ModelTensor.Kind.BIAS, WIDTH);
        String patches =
                text.let("torch.conv2d(x, %s, %s, [%d, %d], [0, 0], [1, 1], 1)".formatted(kernel, bias, PATCH, PATCH));
        patches = text.let("torch.transpose(torch.flatten(" + patches + ", 2), 1, 2)");
        String first = text.let("torch.expand(" + cls + ", [torch.size(x, 0), -1, -1])");
        String x = text.let("torch.add(torch.cat([" + first + ", " + patches + "], 1), " + positions + ")");
        for (int block = 0; block < DEPTH; block++) {
            x = block(text, x, "blocks." + block);
        }
        x = text.layerNorm(x, "norm", WIDTH);
        String logits = text.head(text.let("torch.select(" + x + ", 1, 0)"), "head", WIDTH);
        return new Architecture(name, OptionalInt.of(IMAGE), text.tensors(), text.returning(logits));
    }

    private static String block(NetText text, String x, String name) {
        String mixed = attention(text, text.layerNorm(x, name + ".norm1", WIDTH), name + ".attn");
        String y = text.let("torch.add(" + x + ", " + mixed + ")");
        String hidden = text.linear(text.layerNorm(y, name + ".norm2", WIDTH), name + ".mlp.fc1", WIDTH, 4 * WIDTH);
        String out = text.linear(text.let("torch.gelu(" + hidden + ")"), name + ".mlp.fc2", 4 * WIDTH, WIDTH);
        return text.let("torch.add(" + y + ", " + out + ")");
    }

    private static String attention(NetText text, String x, String name) {
        String qkv = text.linear(x, name + ".qkv", WIDTH, 3 * WIDTH);
        String split = text.let("torch.permute(torch.reshape(%s, [-1, %d, 3, %d, %d]), [2, 0, 3, 1, 4])"
                .formatted(qkv, TOKENS, HEADS, WIDTH / HEADS));
        String q = text.let("torch.select(" + split + ", 0, 0)");
        String k = text.let("torch.select(" + split + ", 0, 1)");
        String v = text.let("torch.select(" + split + ", 0, 2)");
        String mixed = text.let("torch.scaled_dot_product_attention(" + q + ", " + k + ", " + v + ")");
        String joined =
                text.let("torch.reshape(torch.transpose(" + mixed + ", 1, 2), [-1, " + TOKENS + ", " + WIDTH + "])");
        return text.linear(joined, name + ".proj", WIDTH, WIDTH);
    }
}
