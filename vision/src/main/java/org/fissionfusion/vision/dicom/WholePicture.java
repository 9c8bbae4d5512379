package org.fissionfusion.vision.dicom;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageReader;

/** Reads a picture of which nothing is missing. */
public final class WholePicture {
    private WholePicture() {}

    /**
     * The first picture of a reader whose input is set. Java's JPEG reader fills what was cut off with grey and only
     * warns.
     *
     * @throws IOException when the picture is damaged or cut off
     */
    public static BufferedImage read(ImageReader reader) throws IOException {
        AtomicReference<String> cutOff = new AtomicReference<>();
        reader.addIIOReadWarningListener((source, warning) -> {
            if (warning.startsWith("Truncated File") || warning.contains("premature end")) {
                cutOff.compareAndSet(null, warning);
            }
        });
        BufferedImage picture = reader.read(0);
        Optional<String> reason = Optional.ofNullable(cutOff.get());
        if (reason.isPresent()) {
            throw new IOException("damaged: the JPEG is cut off (" + reason.get() + ")");
        }
        return picture;
    }
}
