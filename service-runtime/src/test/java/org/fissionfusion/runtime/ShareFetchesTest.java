package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShareFetchesTest {
    @Test
    void tellsErrorsThatPassFromThoseThatDoNot() {
        assertThat(ShareFetches.passes(fetchError("15")))
                .as("coordinator not available")
                .isTrue();
        assertThat(ShareFetches.passes(fetchError("29")))
                .as("topic authorization failed")
                .isFalse();
        assertThat(ShareFetches.passes(new IllegalStateException("This consumer has already been closed.")))
                .isFalse();
        assertThat(ShareFetches.passes(new IllegalStateException())).isFalse();
    }

    private static IllegalStateException fetchError(String code) {
        return new IllegalStateException(
                "Unexpected error code " + code + " while fetching from topic-partition training-tasks-0");
    }
}
