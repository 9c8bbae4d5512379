package org.fissionfusion.vision.augment;

/** The part of an image that is kept. Mutable, one per worker, so that choosing one allocates nothing. */
final class CropWindow {
    private static final double MIN_RATIO = 3.0 / 4;
    private static final double MAX_RATIO = 4.0 / 3;
    private static final int TRIES = 10;

    private int left;
    private int top;
    private int width;
    private int height;

    CropWindow() {}

    CropWindow(int left, int top, int width, int height) {
        set(left, top, width, height);
    }

    int left() {
        return left;
    }

    int top() {
        return top;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    void whole(int imageWidth, int imageHeight) {
        set(0, 0, imageWidth, imageHeight);
    }

    /**
     * torchvision's RandomResizedCrop: an area of the given share and a ratio log-uniform in 3/4..4/3; a window that
     * does not fit is drawn again, ten times, then the largest central one of an allowed ratio is taken. A share above 1
     * is legal and simply fits less often.
     */
    void choose(ImageRandom random, int imageWidth, int imageHeight, double minScale, double maxScale) {
        double area = (double) imageWidth * imageHeight;
        for (int i = 0; i < TRIES; i++) {
            double target = area * random.uniform(minScale, maxScale);
            double ratio = Math.exp(random.uniform(Math.log(MIN_RATIO), Math.log(MAX_RATIO)));
            int w = (int) Math.rint(Math.sqrt(target * ratio));
            int h = (int) Math.rint(Math.sqrt(target / ratio));
            if (w > 0 && w <= imageWidth && h > 0 && h <= imageHeight) {
                int y = random.nextInt(imageHeight - h + 1);
                int x = random.nextInt(imageWidth - w + 1);
                set(x, y, w, h);
                return;
            }
        }
        central(imageWidth, imageHeight);
    }

    /** The fallback of {@link #choose}. */
    void central(int imageWidth, int imageHeight) {
        double ratio = (double) imageWidth / imageHeight;
        int w = imageWidth;
        int h = imageHeight;
        if (ratio < MIN_RATIO) {
            h = (int) Math.rint(w / MIN_RATIO);
        } else if (ratio > MAX_RATIO) {
            w = (int) Math.rint(h * MAX_RATIO);
        }
        set((imageWidth - w) / 2, (imageHeight - h) / 2, w, h);
    }

    private void set(int x, int y, int w, int h) {
        left = x;
        top = y;
        width = w;
        height = h;
    }
}
