/** A real S3 server for tests. */
package org.fissionfusion.s3server;
