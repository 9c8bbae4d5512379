/** What a run leaves: results.json, the report, the printed table, readable copies of the weights. */
package org.fissionfusion.local.results;
