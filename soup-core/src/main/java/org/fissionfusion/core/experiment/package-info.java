/** The pure state machine of an experiment: plan, tasks, checkpoints, soups, budget. */
package org.fissionfusion.core.experiment;
