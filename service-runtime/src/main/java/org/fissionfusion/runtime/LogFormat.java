package org.fissionfusion.runtime;

/** How log messages look. */
public enum LogFormat {
    /** For people: time, level, thread, logger, message, facts. */
    TEXT,
    /** For programs: a line of JSON per message, with fixed keys. */
    JSON
}
