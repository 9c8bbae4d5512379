package org.fissionfusion.runtime;

import java.util.List;

/** A part of the system that runs until it is closed. */
public interface Service extends AutoCloseable {

    /** What makes it useless until it is restarted; empty while it works. */
    List<String> faults();

    /** What it waits for before it can go on by itself, a full disk for example; empty while it goes on. */
    List<String> waitsFor();

    /** Hands back what it was doing and stops. */
    @Override
    void close();
}
