/** The planner: a Kafka Streams topology around the pure state machine of soup-core. */
package org.fissionfusion.souper;
