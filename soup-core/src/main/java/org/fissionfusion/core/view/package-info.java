/** What people see of an experiment: one view for terminal, results.json and report. */
package org.fissionfusion.core.view;
