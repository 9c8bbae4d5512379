/** Training runs: linear probe, fine-tuning and fission, resumable to the same bytes. */
package org.fissionfusion.vision.training;
