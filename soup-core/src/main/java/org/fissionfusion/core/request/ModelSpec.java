package org.fissionfusion.core.request;

/** The pretrained model that every fine-tuning starts from. */
public record ModelSpec(String architecture, StoredFile weights) {}
