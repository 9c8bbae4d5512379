/** Kafka inside this JVM: one node for local runs, several for tests. */
package org.fissionfusion.local.kafka;
