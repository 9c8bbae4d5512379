/** What every service needs: configuration, Kafka clients, the work queue, the object store, health and logging. */
package org.fissionfusion.runtime;
