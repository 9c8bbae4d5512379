/** Measures what the documentation promises; each figure is one line. */
package org.fissionfusion.local.bench;
