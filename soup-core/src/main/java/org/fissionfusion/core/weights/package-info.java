/** Weight files (safetensors), their digest and their mean. */
package org.fissionfusion.core.weights;
