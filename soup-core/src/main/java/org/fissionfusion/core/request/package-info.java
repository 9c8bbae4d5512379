/** What a user asks for: the request, its strict reading from a file, its defaults and its identity. */
package org.fissionfusion.core.request;
