/** The commands. Exit code 0: done, 1: failed, 2: wrong use. */
package org.fissionfusion.local.cli;
