/** Keeping the object store of a cluster small. */
package org.fissionfusion.local.store;
