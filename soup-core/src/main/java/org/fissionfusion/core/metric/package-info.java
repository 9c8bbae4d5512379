/** Metrics of a classifier with bootstrap intervals, and the paired comparison of classifiers. */
package org.fissionfusion.core.metric;
