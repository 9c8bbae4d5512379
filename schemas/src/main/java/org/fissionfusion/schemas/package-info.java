/** Topics, the Avro serde in Confluent's wire format, and the schema registries it can speak to. */
package org.fissionfusion.schemas;
