package org.fissionfusion.core.request;

/** One split of one domain; sealed ones (test, out-of-domain) stay unread until the selection is closed. */
public record DataSplit(String name, StoredFile file, boolean sealed) {}
