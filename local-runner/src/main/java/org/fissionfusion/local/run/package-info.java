/** One run: the output folder, the services around the embedded broker, the events they send. */
package org.fissionfusion.local.run;
