package org.fissionfusion.vision.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.fissionfusion.core.weights.DType;
import org.fissionfusion.core.weights.Tensor;
import org.fissionfusion.core.weights.TensorSpec;

/**
 * Position embeddings of a transformer for another image size: the class token's is kept, the grid's are interpolated
 * with an antialiased bicubic filter (a = -0.5), as timm's {@code resample_abs_pos_embed} does, but in float64.
 */
final class PositionEmbeddings {
    static final String NAME = "pos_embed";

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PositionEmbeddings() {}

    /** True for embeddings of square grids of one width and different sizes. */
    static boolean canResize(TensorSpec from, TensorSpec to) {
        long[] a = from.shape();
        long[] b = to.shape();
        return from.name().equals(NAME)
                && to.name().equals(NAME)
                && from.dtype() == DType.F32
                && a.length == 3
                && b.length == 3
                && a[0] == 1
                && a[2] == b[2]
                && a[1] != b[1]
                && side(a[1]) > 0
                && side(b[1]) > 0;
    }

    /** Side of the grid, or 0 when the tokens but the first are no square. */
    private static int side(long tokens) {
        int side = (int) Math.round(Math.sqrt((double) tokens - 1));
        return (long) side * side == tokens - 1 ? side : 0;
    }

    /** @param given for which {@link #canResize} holds */
    static Tensor resized(Tensor given, TensorSpec wanted) {
        int width = (int) wanted.shape()[2];
        int from = side(given.spec().shape()[1]);
        int to = side(wanted.shape()[1]);
        double[][] filter = filter(from, to);
        double[][] rows = new double[to * from][width];
        for (int i = 0; i < to; i++) {
            for (int column = 0; column < from; column++) {
                for (int row = 0; row < from; row++) {
                    add(rows[i * from + column], filter[i][row], given.bytes(), 1 + row * from + column);
                }
            }
        }
        MemorySegment bytes = Arena.ofAuto().allocate(wanted.byteSize(), Long.BYTES);
        MemorySegment.copy(given.bytes(), 0, bytes, 0, (long) width * Float.BYTES);
        for (int i = 0; i < to; i++) {
            for (int j = 0; j < to; j++) {
                for (int c = 0; c < width; c++) {
                    double sum = 0;
                    for (int column = 0; column < from; column++) {
                        sum += filter[j][column] * rows[i * from + column][c];
                    }
                    bytes.set(FLOAT, 4L * ((1L + (long) i * to + j) * width + c), (float) sum);
                }
            }
        }
        return new Tensor(wanted, bytes);
    }

    private static void add(double[] sum, double factor, MemorySegment tokens, int token) {
        for (int c = 0; c < sum.length; c++) {
            sum[c] += factor * tokens.get(FLOAT, 4L * ((long) token * sum.length + c));
        }
    }

    /** Weights of the inputs for each output; zero outside the filter's support. */
    private static double[][] filter(int from, int to) {
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1);
        double[][] weights = new double[to][from];
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            int first = Math.max(0, (int) (centre - 2 * stretch + 0.5));
            int end = Math.min(from, (int) (centre + 2 * stretch + 0.5));
            double total = 0;
            for (int j = first; j < end; j++) {
                weights[i][j] = cubic((j - centre + 0.5) / stretch);
                total += weights[i][j];
            }
            for (int j = first; j < end; j++) {
                weights[i][j] /= total;
            }
        }
        return weights;
    }

    private static double cubic(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return (1.5 * x - 2.5) * x * x + 1;
        }
        return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
}
