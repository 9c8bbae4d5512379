package org.fissionfusion.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreViewTest {
    @TempDir
    Path folder;

    @Test
    void letsThroughWhatIsAllowedAndNothingElse() {
        // Given
        ObjectStore store = new FolderStore(folder);
        StoredObject sealed = store.put("sealed", ".bin", file -> Files.writeString(file, "secret"));

        // When
        ObjectStore view = ObjectStores.only(store, "the trainer", List.of("data/", "state/"));

        // Then
        StoredObject open = view.put("data", ".bin", file -> Files.writeString(file, "images"));
        assertThat(view.verified(open)).hasContent("images");
        assertThat(view.createIfAbsent("state/a", new byte[1])).isTrue();
        assertThat(view.list("state/")).containsExactly("state/a");
        assertThat(view.read("state/a")).hasSize(1);
        List<ThrowingCallable> forbidden = List.of(
                () -> view.verified(sealed),
                () -> view.read(sealed.key()),
                () -> view.exists(sealed.key()),
                () -> view.delete(sealed.key()),
                () -> view.list("sealed/"),
                () -> view.createIfAbsent("database", new byte[0]),
                () -> view.putAs("sealed/x", file -> {}),
                () -> view.put("sealed", ".bin", file -> {}),
                () -> view.list("s"));
        assertThat(forbidden)
                .allSatisfy(call -> assertThatThrownBy(call)
                        .isInstanceOf(ForbiddenObjectException.class)
                        .hasMessageContainingAll("the trainer may not use", "it sees data/, state/"));
        assertThatThrownBy(() -> view.read("data/../sealed/x")).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.exists(sealed.key())).isTrue();
    }
}
