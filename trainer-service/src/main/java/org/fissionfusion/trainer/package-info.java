/** Training tasks become checkpoints: claimed, resumed, heartbeaten, saved, announced. Knows no score and no soup. */
package org.fissionfusion.trainer;
