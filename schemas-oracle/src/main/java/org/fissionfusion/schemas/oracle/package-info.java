/** No code: the tests of this module set our serde beside Confluent's own, which no other module may see. */
package org.fissionfusion.schemas.oracle;
