/** What can be decided about an experiment without Kafka, DJL or Avro on the class path. */
package org.fissionfusion.core;
