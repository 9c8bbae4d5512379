package org.fissionfusion.vision.training;

/**
 * One row of a training log.
 *
 * @param epoch counted from 1
 * @param learningRate of the epoch's last step
 * @param trainLoss mean cross-entropy per image, as trained (augmented)
 * @param validationLoss mean cross-entropy per image
 * @param seconds wall time of steps and validation
 * @param images trained on
 */
public record EpochLog(
        int epoch,
        double learningRate,
        double trainLoss,
        double validationLoss,
        double validationAccuracy,
        double seconds,
        long images) {
    /** For the training state: numbers that read back exactly. */
    String line() {
        return epoch + " " + learningRate + " " + trainLoss + " " + validationLoss + " " + validationAccuracy + " "
                + seconds + " " + images;
    }

    static EpochLog parse(String line) {
        String[] parts = line.split(" ", -1);
        return new EpochLog(
                Integer.parseInt(parts[0]),
                Double.parseDouble(parts[1]),
                Double.parseDouble(parts[2]),
                Double.parseDouble(parts[3]),
                Double.parseDouble(parts[4]),
                Double.parseDouble(parts[5]),
                Long.parseLong(parts[6]));
    }
}
