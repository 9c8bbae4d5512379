package org.fissionfusion.vision.images;

/**
 * How pictures are read and checked.
 *
 * @param imageSize side of the stored squares; .npz images keep their own size
 * @param resize how a picture becomes a square
 * @param worstCorruptShare more unreadable pictures than this share fail the preparation
 * @param licence of the pictures, kept in the prepared files
 */
public record PreparationOptions(
        int imageSize, Resize resize, LeakagePolicy leakage, double worstCorruptShare, String licence) {
    public static final PreparationOptions DEFAULT =
            new PreparationOptions(256, Resize.DEFAULT, LeakagePolicy.ERROR, 0.01, "unknown");

    public PreparationOptions {
        if (imageSize < 1 || imageSize > 4096) {
            throw new IllegalArgumentException("image size: " + imageSize + "; allowed are 1 to 4096");
        }
        if (!(worstCorruptShare >= 0 && worstCorruptShare <= 1)) {
            throw new IllegalArgumentException("corrupt share: " + worstCorruptShare + "; allowed are 0 to 1");
        }
    }

    public PreparationOptions withLeakage(LeakagePolicy policy) {
        return new PreparationOptions(imageSize, resize, policy, worstCorruptShare, licence);
    }

    public PreparationOptions withImageSize(int side) {
        return new PreparationOptions(side, resize, leakage, worstCorruptShare, licence);
    }

    public PreparationOptions withLicence(String text) {
        return new PreparationOptions(imageSize, resize, leakage, worstCorruptShare, text);
    }
}
