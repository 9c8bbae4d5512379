/** The command line, and everything in one JVM around an embedded broker. It wires; it decides nothing. */
package org.fissionfusion.local;
