package org.fissionfusion.core.request;

import java.util.List;

/**
 * The architectures that a request may name. The networks themselves are vision's, which requests do not need; a test
 * there builds one of every name.
 */
public final class Architectures {
    /** Names, in the order of docs/request.md. */
    public static final List<String> NAMES = List.of(
            "resnet20",
            "resnet32",
            "vit-micro",
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet101",
            "deit_tiny_patch16_224",
            "deit_small_patch16_224",
            "deit_base_patch16_224",
            "vit_tiny_patch16_224",
            "vit_small_patch16_224",
            "vit_base_patch16_224");

    private Architectures() {}

    /** True where running statistics are part of the weights. */
    static boolean hasBatchNorm(String name) {
        return name.startsWith("resnet");
    }

    /**
     * The architecture of a request, where it is allowed.
     *
     * @throws RequestException naming the key, the value and what is allowed
     */
    static String require(String key, String name) {
        if (!NAMES.contains(name) && ScriptedArchitecture.of(name).isEmpty()) {
            throw new RequestException(key, name, "allowed: " + allowed());
        }
        return name;
    }

    /** The same for a request file, which names no script by its digest. */
    static String requireWritten(String key, String name) {
        if (!NAMES.contains(name) && !name.equals(ScriptedArchitecture.WRITTEN)) {
            throw new RequestException(key, name, "allowed: " + allowed());
        }
        return name;
    }

    /** What a request file may say. */
    static String allowed() {
        return String.join(", ", NAMES) + ", " + ScriptedArchitecture.WRITTEN;
    }
}
