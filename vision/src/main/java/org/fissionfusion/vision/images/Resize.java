package org.fissionfusion.vision.images;

/** How a picture becomes a square: what of it, and by which filter. */
public record Resize(SquareFit fit, ResizeFilter filter) {
    public static final Resize DEFAULT = new Resize(SquareFit.SQUASH, ResizeFilter.BILINEAR);
}
