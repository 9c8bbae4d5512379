package org.fissionfusion.core.request;

/**
 * The part of validation that chooses epochs and stops training, so that the rest is free to select soups (method.md
 * section 2).
 *
 * @param share of the groups of every class, above 0 and below 1
 * @param seed of the division
 */
public record StoppingPart(double share, long seed) {}
