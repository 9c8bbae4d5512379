/** Kills services while they work, to prove that nothing comes of it. */
package org.fissionfusion.local.chaos;
