package org.fissionfusion.vision.model;

import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fissionfusion.core.weights.Tensor;

/** An independent residual network in float64 and plain loops, to check the engine's against. */
public final class NaiveResNet {
    private final Map<String, double[]> weights = new LinkedHashMap<>();
    private final int blocks;
    private final boolean batchStatistics;

    public NaiveResNet(ModelWeights given, int blocks, boolean batchStatistics) {
        this.blocks = blocks;
        this.batchStatistics = batchStatistics;
        for (Tensor tensor : given.tensors()) {
            double[] values = new double[(int) tensor.spec().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.bytes().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            }
            weights.put(tensor.spec().name(), values);
        }
    }

    public double[] weight(String name) {
        return weights.get(name);
    }

    /** Images N x 3 x S x S to the mean over positions, N x 64. */
    public double[][] features(double[][][][] images) {
        double[][][][] x = relu(norm(conv(images, "conv1.weight", 16, 1), "bn1"));
        int in = 16;
        for (int stage = 1; stage <= 3; stage++) {
            int out = 8 << stage;
            for (int block = 0; block < blocks; block++) {
                x = block(x, "layer" + stage + "." + block, in, out);
                in = out;
            }
        }
        double[][] means = new double[x.length][in];
        for (int n = 0; n < x.length; n++) {
            for (int c = 0; c < in; c++) {
                double sum = 0;
                for (double[] row : x[n][c]) {
                    for (double value : row) {
                        sum += value;
                    }
                }
                means[n][c] = sum / (x[n][c].length * x[n][c].length);
            }
        }
        return means;
    }

    public double[][] logits(double[][][][] images) {
        double[][] features = features(images);
        double[] w = weight("linear.weight");
        double[] b = weight("linear.bias");
        double[][] logits = new double[images.length][b.length];
        for (int n = 0; n < images.length; n++) {
            for (int c = 0; c < b.length; c++) {
                logits[n][c] = b[c];
                for (int i = 0; i < 64; i++) {
                    logits[n][c] += w[c * 64 + i] * features[n][i];
                }
            }
        }
        return logits;
    }

    public double loss(double[][][][] images, long[] labels) {
        double[][] logits = logits(images);
        double loss = 0;
        for (int n = 0; n < images.length; n++) {
            double sum = 0;
            for (double logit : logits[n]) {
                sum += Math.exp(logit);
            }
            loss += Math.log(sum) - logits[n][(int) labels[n]];
        }
        return loss / images.length;
    }

    private double[][][][] block(double[][][][] x, String name, int in, int out) {
        int stride = in == out ? 1 : 2;
        double[][][][] y = relu(norm(conv(x, name + ".conv1.weight", out, stride), name + ".bn1"));
        y = norm(conv(y, name + ".conv2.weight", out, 1), name + ".bn2");
        int offset = (out - in) / 2;
        for (int n = 0; n < x.length; n++) {
            for (int c = 0; c < in; c++) {
                for (int i = 0; i < y[n][0].length; i++) {
                    for (int j = 0; j < y[n][0].length; j++) {
                        y[n][c + offset][i][j] += x[n][c][i * stride][j * stride];
                    }
                }
            }
        }
        return relu(y);
    }

    private double[][][][] conv(double[][][][] x, String name, int out, int stride) {
        double[] w = weight(name);
        int in = x[0].length;
        int size = x[0][0].length;
        int half = Math.ceilDiv(size, stride);
        double[][][][] y = new double[x.length][out][half][half];
        for (int n = 0; n < x.length; n++) {
            for (int o = 0; o < out; o++) {
                for (int i = 0; i < half; i++) {
                    for (int j = 0; j < half; j++) {
                        double sum = 0;
                        for (int c = 0; c < in; c++) {
                            for (int k = 0; k < 9; k++) {
                                int row = i * stride + k / 3 - 1;
                                int column = j * stride + k % 3 - 1;
                                if (row >= 0 && column >= 0 && row < size && column < size) {
                                    sum += x[n][c][row][column] * w[(o * in + c) * 9 + k];
                                }
                            }
                        }
                        y[n][o][i][j] = sum;
                    }
                }
            }
        }
        return y;
    }

    private double[][][][] norm(double[][][][] x, String name) {
        for (int c = 0; c < x[0].length; c++) {
            double mean = weight(name + ".running_mean")[c];
            double variance = weight(name + ".running_var")[c];
            if (batchStatistics) {
                mean = moment(x, c, 0, 1);
                variance = moment(x, c, mean, 2);
            }
            double scale = weight(name + ".weight")[c] / Math.sqrt(variance + 1e-5);
            for (double[][][] image : x) {
                for (double[] row : image[c]) {
                    for (int j = 0; j < row.length; j++) {
                        row[j] = (row[j] - mean) * scale + weight(name + ".bias")[c];
                    }
                }
            }
        }
        return x;
    }

    private static double moment(double[][][][] x, int channel, double center, int power) {
        double sum = 0;
        int count = 0;
        for (double[][][] image : x) {
            for (double[] row : image[channel]) {
                for (double value : row) {
                    sum += Math.pow(value - center, power);
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static double[][][][] relu(double[][][][] x) {
        for (double[][][] image : x) {
            for (double[][] channel : image) {
                for (double[] row : channel) {
                    for (int j = 0; j < row.length; j++) {
                        row[j] = Math.max(0, row[j]);
                    }
                }
            }
        }
        return x;
    }
}
