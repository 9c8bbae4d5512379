/** Predictions of a network on prepared images. */
package org.fissionfusion.vision.scoring;
