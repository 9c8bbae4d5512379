/** Blends recipes, scores models, checks requests, writes soups; decides nothing. */
package org.fissionfusion.evaluator;
