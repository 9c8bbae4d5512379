/** Learning-rate schedules and early stopping, exactly as the method states them. */
package org.fissionfusion.core.schedule;
