package org.fissionfusion.vision.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Moves numbers between main memory and contiguous arrays, wherever those lie. */
final class ArrayTransfer {
    private final boolean direct;
    private final Consumer<NDList> copy;

    /**
     * @param direct arrays lie in main memory
     * @param copy runs {@link StepProgram#COPY}, for arrays that lie elsewhere
     */
    ArrayTransfer(boolean direct, Consumer<NDList> copy) {
        this.direct = direct;
        this.copy = copy;
    }

    /** A copy of an array's bytes. */
    MemorySegment read(NDArray array) {
        if (direct) {
            return copyOf(view(array));
        }
        NDArray host = array.toDevice(Device.cpu(), true);
        try {
            return copyOf(view(host));
        } finally {
            host.close();
        }
    }

    void write(NDArray array, MemorySegment bytes) {
        if (direct) {
            view(array).copyFrom(bytes);
            return;
        }
        JniUtils.setGradMode(false); // trained arrays may only be written outside of a recorded computation
        try (NDManager host = array.getManager().newSubManager(Device.cpu());
                NDArray target = alias(array, "target[]")) {
            NDArray source = host.create(
                    copyOf(bytes).asByteBuffer().order(ByteOrder.nativeOrder()), array.getShape(), array.getDataType());
            source.setName("source[]");
            copy.accept(new NDList(source, target));
        }
    }

    private static MemorySegment copyOf(MemorySegment bytes) {
        return Arena.ofAuto().allocate(bytes.byteSize(), Long.BYTES).copyFrom(bytes);
    }

    /** The live bytes of a contiguous array in main memory. */
    private static MemorySegment view(NDArray array) {
        return MemorySegment.ofBuffer(array.toByteBuffer(true).rewind());
    }

    /** The same tensor under another name; an array has one name only. */
    static NDArray alias(NDArray array, String name) {
        try (IValue value = IValue.from((PtNDArray) array)) {
            NDArray same = value.toTensor((PtNDManager) array.getManager());
            same.setName(name);
            return same;
        }
    }
}
