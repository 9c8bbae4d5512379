/** A page that shows every experiment while it goes. */
package org.fissionfusion.souper.dashboard;
