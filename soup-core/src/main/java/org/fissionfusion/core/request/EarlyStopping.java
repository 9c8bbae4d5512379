package org.fissionfusion.core.request;

/** Stop after {@code patience} losses above the minimum + {@code minDelta} (method.md section 1). */
public record EarlyStopping(int patience, double minDelta) {}
