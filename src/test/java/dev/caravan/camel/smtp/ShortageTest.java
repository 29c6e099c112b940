package dev.caravan.camel.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.smtp.Replies;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When mail is refused for want of storage, and that it is taken again by itself. */
final class ShortageTest {
  private static final long MIN = 1000;

  private long free = MIN;
  private boolean broken;
  private Optional<String> broker = Optional.empty();
  private long now = Long.MAX_VALUE - 1; // nanoTime may overflow
  private int looks;

  private final Shortage shortage = new Shortage(this::measure, MIN, () -> broker, () -> now);

  private long measure() throws IOException {
    looks++;
    if (broken) {
      throw new IOException("no such folder");
    }
    return free;
  }

  private void later() {
    now += Duration.ofSeconds(1).toNanos();
  }

  @Test
  void theDiskMustHaveTheLeastThatIsAskedFor() {
    assertThat(shortage.reply()).isEmpty();
    free = MIN - 1;
    later();
    assertThat(shortage.reply()).contains(Replies.NO_STORAGE);
    free = MIN;
    later();
    assertThat(shortage.reply()).isEmpty();
  }

  @Test
  void aFolderThatCantBeUsedIsAShortageUntilItCan() {
    broken = true;
    assertThat(shortage.reply()).contains(Replies.NO_STORAGE);
    broken = false;
    later();
    assertThat(shortage.reply()).isEmpty();
  }

  @Test
  void aBrokerThatTakesNothingIsAShortageUntilItDoes() {
    broker = Optional.of("full");
    assertThat(shortage.reply()).contains(Replies.NO_STORAGE);
    broker = Optional.empty();
    later();
    assertThat(shortage.reply()).isEmpty();
  }

  @Test
  void itIsLookedAtOnceASecond() {
    for (int i = 0; i < 1000; i++) {
      assertThat(shortage.reply()).isEmpty();
    }
    assertThat(looks).isEqualTo(1);
    later();
    assertThat(shortage.reply()).isEmpty();
    assertThat(looks).isEqualTo(2);
  }
}
