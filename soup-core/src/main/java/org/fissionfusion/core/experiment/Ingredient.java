package org.fissionfusion.core.experiment;

import org.fissionfusion.core.request.StoredFile;

/** A checkpoint or a lower soup offered to a soup. */
public record Ingredient(String id, StoredFile file, String weightsDigest) {}
