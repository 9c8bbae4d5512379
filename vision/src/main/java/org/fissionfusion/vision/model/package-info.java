/** Architectures as TorchScript text, their weights, and the engine that runs them. */
package org.fissionfusion.vision.model;
