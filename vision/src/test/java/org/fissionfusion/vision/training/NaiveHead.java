package org.fissionfusion.vision.training;

import org.fissionfusion.vision.model.NaiveResNet;

/** Trains the head of a naive network with AdamW as the paper of Loshchilov and Hutter writes it, in float64. */
final class NaiveHead {
    private final NaiveResNet network;
    private final OptimizerSettings adam;
    private final double[][] features;
    private final long[] labels;
    private final double[][] first;
    private final double[][] second;

    NaiveHead(NaiveResNet network, OptimizerSettings adam, double[][][][] images, long[] labels) {
        this.network = network;
        this.adam = adam;
        this.features = network.features(images);
        this.labels = labels;
        int classes = network.weight("linear.bias").length;
        this.first = new double[][] {new double[classes * 64], new double[classes]};
        this.second = new double[][] {new double[classes * 64], new double[classes]};
    }

    void step(int count, double rate) {
        double[] weight = network.weight("linear.weight");
        double[] bias = network.weight("linear.bias");
        double[] weightGradient = new double[weight.length];
        double[] biasGradient = new double[bias.length];
        for (int n = 0; n < labels.length; n++) {
            double[] exponentials = new double[bias.length];
            double sum = 0;
            for (int c = 0; c < bias.length; c++) {
                double logit = bias[c];
                for (int i = 0; i < 64; i++) {
                    logit += weight[c * 64 + i] * features[n][i];
                }
                exponentials[c] = Math.exp(logit);
                sum += exponentials[c];
            }
            for (int c = 0; c < bias.length; c++) {
                double error = (exponentials[c] / sum - (labels[n] == c ? 1 : 0)) / labels.length;
                biasGradient[c] += error;
                for (int i = 0; i < 64; i++) {
                    weightGradient[c * 64 + i] += error * features[n][i];
                }
            }
        }
        update(weight, weightGradient, 0, count, rate, adam.weightDecay());
        update(bias, biasGradient, 1, count, rate, adam.spareNormsAndBiases() ? 0 : adam.weightDecay());
    }

    private void update(double[] values, double[] gradient, int which, int count, double rate, double decay) {
        for (int i = 0; i < values.length; i++) {
            first[which][i] = adam.beta1() * first[which][i] + (1 - adam.beta1()) * gradient[i];
            second[which][i] = adam.beta2() * second[which][i] + (1 - adam.beta2()) * gradient[i] * gradient[i];
            double mean = first[which][i] / (1 - Math.pow(adam.beta1(), count));
            double square = second[which][i] / (1 - Math.pow(adam.beta2(), count));
            values[i] -= rate * (decay * values[i] + mean / (Math.sqrt(square) + adam.epsilon()));
        }
    }
}
