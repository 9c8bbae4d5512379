package org.fissionfusion.vision.synthetic;

import java.util.SplittableRandom;

/**
 * The traits of one synthetic lesion. Classes are distributions over these, wide enough to overlap.
 *
 * @param radius share of the image side
 * @param elongation ratio of the axes, at least 1
 * @param asymmetry how much one side bulges, 0..1
 * @param border irregularity of the outline, 0..1
 * @param colour position between light brown (0), dark brown (0.5), blue-black (1) and red (negative)
 * @param variegation how much the colour changes within the lesion, 0..1
 * @param network strength of a net of lines, 0..1
 * @param globules strength of dots, 0..1
 */
record Look(
        double radius,
        double elongation,
        double asymmetry,
        double border,
        double colour,
        double variegation,
        double network,
        double globules) {

    /** A lesion near this one: every trait moves by normal noise of the given strength. */
    Look varied(SplittableRandom random, double spread) {
        return new Look(
                Math.clamp(radius * (1 + 0.25 * spread * random.nextGaussian()), 0.12, 0.44),
                Math.clamp(elongation + 0.15 * spread * Math.abs(random.nextGaussian()), 1, 2.2),
                near(asymmetry, 0.22, random, spread),
                near(border, 0.22, random, spread),
                Math.clamp(colour + 0.16 * spread * random.nextGaussian(), -1, 1),
                near(variegation, 0.22, random, spread),
                near(network, 0.25, random, spread),
                near(globules, 0.25, random, spread));
    }

    private static double near(double value, double width, SplittableRandom random, double spread) {
        return Math.clamp(value + width * spread * random.nextGaussian(), 0, 1);
    }
}
