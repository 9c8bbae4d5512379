/** What a user's commands do to a cluster that runs elsewhere. */
package org.fissionfusion.local.cluster;
