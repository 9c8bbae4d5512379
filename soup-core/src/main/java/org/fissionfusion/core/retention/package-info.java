/** What the object store must keep: decided from experiments, which are folds of their journals. */
package org.fissionfusion.core.retention;
