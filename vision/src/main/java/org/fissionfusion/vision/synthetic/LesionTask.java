package org.fissionfusion.vision.synthetic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.fissionfusion.vision.images.ImageShape;
import org.fissionfusion.vision.images.LabelledImages;

/** A classification task: kinds of lesions, how often each occurs, how much they overlap. */
record LesionTask(List<Kind> kinds, double spread) {

    /** A class: name, typical traits, weight in the draw. */
    record Kind(String name, Look typical, double frequency) {}

    private static final int MOST_IMAGES_PER_PATIENT = 3;

    /** Five imbalanced classes that overlap. */
    static final LesionTask TARGET = new LesionTask(
            List.of(
                    new Kind("naevus", new Look(0.24, 1.1, 0.15, 0.15, 0.30, 0.15, 0.55, 0.15), 0.46),
                    new Kind("melanoma", new Look(0.31, 1.3, 0.65, 0.75, 0.55, 0.70, 0.40, 0.30), 0.17),
                    new Kind("keratosis", new Look(0.27, 1.2, 0.25, 0.30, 0.15, 0.30, 0.05, 0.75), 0.17),
                    new Kind("basal-cell", new Look(0.22, 1.2, 0.35, 0.45, -0.45, 0.40, 0.10, 0.35), 0.12),
                    new Kind("vascular", new Look(0.20, 1.1, 0.15, 0.20, -0.75, 0.10, 0.05, 0.10), 0.08)),
            1.0);

    /** Eight balanced classes made of other mixtures of the same traits: what the small backbone is pretrained on. */
    static final LesionTask SOURCE = new LesionTask(
            List.of(
                    new Kind("round-light", new Look(0.22, 1.0, 0.10, 0.10, 0.05, 0.10, 0.10, 0.10), 1),
                    new Kind("round-dark-net", new Look(0.26, 1.0, 0.10, 0.15, 0.50, 0.15, 0.90, 0.10), 1),
                    new Kind("long-brown", new Look(0.25, 1.9, 0.10, 0.15, 0.30, 0.20, 0.20, 0.10), 1),
                    new Kind("dotted", new Look(0.27, 1.1, 0.15, 0.20, 0.25, 0.10, 0.05, 0.95), 1),
                    new Kind("ragged", new Look(0.28, 1.2, 0.50, 0.95, 0.30, 0.20, 0.10, 0.10), 1),
                    new Kind("patchy", new Look(0.30, 1.2, 0.30, 0.35, 0.40, 0.95, 0.10, 0.10), 1),
                    new Kind("blue", new Look(0.22, 1.1, 0.15, 0.20, 0.95, 0.10, 0.05, 0.10), 1),
                    new Kind("red-dotted", new Look(0.24, 1.2, 0.25, 0.30, -0.70, 0.20, 0.05, 0.70), 1)),
            0.8);

    /** Draws images; the first of the patients is called {@code firstPatient}, so that splits never share one. */
    LabelledImages draw(int count, Acquisition camera, long seed, int firstPatient) {
        SplittableRandom random = new SplittableRandom(seed);
        ImageShape shape = new ImageShape(LesionPainter.SIZE, LesionPainter.SIZE, 3);
        MemorySegment pixels = Arena.ofAuto().allocate((long) count * shape.bytes());
        int[] labels = new int[count];
        int[] patients = new int[count];
        int patient = firstPatient - 1;
        int left = 0;
        Look ofPatient = null;
        for (int i = 0; i < count; i++) {
            if (left == 0) {
                patient++;
                left = 1 + random.nextInt(MOST_IMAGES_PER_PATIENT);
                labels[i] = drawKind(random);
                ofPatient = kinds.get(labels[i]).typical().varied(random, spread);
            } else {
                labels[i] = labels[i - 1];
            }
            left--;
            patients[i] = patient;
            // the same lesion, seen again: close, never equal
            byte[] picture = new LesionPainter(ofPatient.varied(random, 0.3), camera, random.split()).paint();
            MemorySegment.copy(picture, 0, pixels, ValueLayout.JAVA_BYTE, (long) i * shape.bytes(), picture.length);
        }
        List<String> names = kinds.stream().map(Kind::name).toList();
        return new LabelledImages(shape, pixels, labels, Optional.of(patients), names);
    }

    private int drawKind(SplittableRandom random) {
        double draw =
                random.nextDouble(kinds.stream().mapToDouble(Kind::frequency).sum());
        for (int k = 0; k < kinds.size(); k++) {
            draw -= kinds.get(k).frequency();
            if (draw < 0) {
                return k;
            }
        }
        return kinds.size() - 1;
    }
}
