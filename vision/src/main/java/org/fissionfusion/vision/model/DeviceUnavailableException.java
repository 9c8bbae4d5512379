package org.fissionfusion.vision.model;

/** The engine cannot compute on a device: it is not there, or this build has no library for it. */
public final class DeviceUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    DeviceUnavailableException(String device, RuntimeException cause) {
        super(
                "no computation on '%s': %s. GPUs need a build with -Pgpu, an NVIDIA driver and a GPU of that number"
                        .formatted(device, firstLine(cause)),
                cause);
    }

    private static String firstLine(RuntimeException cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse("the engine does not say why").strip();
    }
}
