package org.fissionfusion.core.weights;

import java.util.Optional;

/** Element types of safetensors that are read and written here; the constant's name is the name in the file. */
public enum DType {
    F64(8, true),
    I64(8, false),
    U64(8, false),
    F32(4, true),
    I32(4, false),
    U32(4, false),
    F16(2, true),
    BF16(2, true),
    I16(2, false),
    U16(2, false),
    I8(1, false),
    U8(1, false),
    BOOL(1, false);

    private final int size;
    private final boolean floating;

    DType(int size, boolean floating) {
        this.size = size;
        this.floating = floating;
    }

    /** Bytes of one element. */
    public int size() {
        return size;
    }

    /** True for the types that are averaged; the others take the first ingredient's values. */
    public boolean floating() {
        return floating;
    }

    /** The type of this name, if it is one. */
    public static Optional<DType> named(String name) {
        for (DType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
