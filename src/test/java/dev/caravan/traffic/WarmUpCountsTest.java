package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was sent today is known after a restart. */
final class WarmUpCountsTest {
  private static final LocalDate TODAY = LocalDate.parse("2030-01-31");
  private static final String PAIR = "192.0.2.1 google";

  @TempDir private Path data;

  private Path file;

  @BeforeEach
  void name() {
    file = data.resolve("counts");
  }

  private WarmUpCounts counts() {
    return counts(100);
  }

  private WarmUpCounts counts(int pairs) {
    return new WarmUpCounts(file.toString(), pairs, () -> Instant.parse("2030-01-31T12:00:00Z"));
  }

  private static int takeAll(WarmUpCounts counts, LocalDate day, long most) {
    int n = 0;
    while (counts.take(PAIR, day, most)) {
      n++;
    }
    return n;
  }

  /** It may cost a twentieth, and never gives a mail more; whenever it is, and however often. */
  @ParameterizedTest
  @CsvSource({"1, 1", "7, 1", "50, 1", "50, 7", "1000, 333", "1000, 999"})
  void aRestartGivesNoSecondAmount(int most, int restartEach) {
    int sent = 0;
    int restarts = 0;
    boolean more = true;
    while (more) {
      WarmUpCounts counts = counts();
      restarts++;
      more = false;
      for (int i = 0; i < restartEach && counts.take(PAIR, TODAY, most); i++) {
        sent++;
        more = true;
      }
    }
    assertThat(sent).isLessThanOrEqualTo(most);
    assertThat(sent).isGreaterThanOrEqualTo(most - restarts * (most / 20 + 1));
    assertThat(takeAll(counts(), TODAY.plusDays(1), most)).isEqualTo(most);
  }

  /** Twenty times a day, however much is sent. */
  @Test
  void itIsSeldomWritten() throws Exception {
    WarmUpCounts counts = counts();
    assertThat(takeAll(counts, TODAY, 100_000)).isEqualTo(100_000);
    assertThat(Files.readAllLines(file)).hasSize(20);
    assertThat(counts().used(PAIR, TODAY)).isEqualTo(100_000);
    assertThat(Files.readAllLines(file)).containsExactly("2030-01-31 100000 " + PAIR);
  }

  @Test
  void whatWasNotSentIsGivenBackAndAClockThatIsPutBackBeginsNoDayAgain() {
    WarmUpCounts counts = counts();
    assertThat(takeAll(counts, TODAY, 10)).isEqualTo(10);
    counts.giveBack(PAIR, TODAY);
    assertThat(counts.used(PAIR, TODAY)).isEqualTo(9);
    assertThat(takeAll(counts, TODAY.minusDays(1), 10)).isEqualTo(1);
    assertThat(counts.used(PAIR, TODAY.plusDays(1))).isZero();
  }

  @Test
  void thereAreOnlySoMany() {
    WarmUpCounts counts = counts(2);
    assertThat(counts.take("a x", TODAY.minusDays(1), 5)).isTrue();
    assertThat(counts.take("b x", TODAY, 5)).isTrue();
    assertThat(counts.take("c x", TODAY, 5)).as("the day before is forgotten").isTrue();
    assertThat(counts.take("d x", TODAY, 5)).isFalse();
    assertThat(counts.take("c x", TODAY, 5)).isTrue();
  }

  /** Power failed while a line was written: nobody had relied on it. */
  @Test
  void halfALineAtTheEndIsNothing() throws Exception {
    Files.writeString(file, "2030-01-31 5 " + PAIR + "\n2030-01-31 1");
    WarmUpCounts counts = counts();
    assertThat(counts.used(PAIR, TODAY)).isEqualTo(5);
    assertThat(takeAll(counts, TODAY, 10)).isEqualTo(5);
    assertThat(counts().used(PAIR, TODAY)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\n", "2030-01-31 x 192.0.2.1 google\n", "2030-01-31 5\n", "\n"})
  void aFileThatHoldsSomethingElseIsRefused(String text) throws Exception {
    Files.writeString(file, text);
    assertThatThrownBy(this::counts)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }

  /** What can't be written down is not sent. */
  @Test
  void withoutAFileNothingIsSent() throws Exception {
    WarmUpCounts counts =
        new WarmUpCounts(data.resolve("absent/counts").toString(), 9, () -> Instant.EPOCH);
    assertThat(counts.take(PAIR, TODAY, 5)).isFalse();
    Files.createDirectory(data.resolve("absent"));
    assertThat(takeAll(counts, TODAY, 5)).isEqualTo(5);
  }
}
