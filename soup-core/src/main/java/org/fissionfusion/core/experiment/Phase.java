package org.fissionfusion.core.experiment;

/**
 * Where an experiment stands.
 *
 * <pre>
 * PREFLIGHT ─▶ PROBING ─▶ GENERATING ─▶ UNSEALED ─▶ COMPLETED
 *     │           │            │            │
 *     ▼           ▼            ▼            ▼
 *  REFUSED     FAILED   CANCELLED | FAILED (from any phase but the final ones)
 * </pre>
 *
 * GENERATING trains and tastes together; entering UNSEALED is the closing of the selection.
 */
public enum Phase {
    PREFLIGHT,
    PROBING,
    GENERATING,
    UNSEALED,
    COMPLETED,
    REFUSED,
    CANCELLED,
    FAILED;

    /** True when nothing can change any more. */
    public boolean isFinal() {
        return this == COMPLETED || this == REFUSED || this == CANCELLED || this == FAILED;
    }
}
