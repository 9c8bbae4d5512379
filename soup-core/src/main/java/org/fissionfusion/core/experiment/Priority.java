package org.fissionfusion.core.experiment;

/** How urgent an experiment is: tasks of one of high priority go before all others. */
public enum Priority {
    NORMAL,
    HIGH
}
