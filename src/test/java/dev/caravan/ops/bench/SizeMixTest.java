package dev.caravan.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SizeMixTest {
  @Test
  void sharesAreEvenlyMixed() {
    SizeMix mix = SizeMix.parse("5KB:3, 1MB:1,700b");
    List<Integer> sizes = IntStream.range(0, 10).mapToObj(mix::of).toList();
    assertThat(sizes.subList(0, 5))
        .containsExactlyInAnyOrder(5 << 10, 5 << 10, 5 << 10, 1 << 20, 700);
    assertThat(sizes.get(0)).isEqualTo(5 << 10);
    assertThat(sizes.subList(5, 10)).isEqualTo(sizes.subList(0, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "KB", "0KB", "499B", "101MB", "5KB;6KB", "5KB:", "5KB,"})
  void whatIsNone(String text) {
    assertThatThrownBy(() -> SizeMix.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no size");
  }
}
