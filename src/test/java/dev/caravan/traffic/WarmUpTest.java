package dev.caravan.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WarmUpTest {
  private static final WarmUp PLAN =
      WarmUp.parse("2030-01-30", "1: 50/d, 3: 200/d 20/h, 7: 5000/d, 30: free");

  @ParameterizedTest
  @CsvSource({
    "2029-12-31, nothing, 0",
    "2030-01-29, nothing, 0",
    "2030-01-30, [50/d], 50",
    "2030-01-31, [50/d], 50",
    "2030-02-01, '[200/d, 20/h]', 200",
    "2030-02-04, '[200/d, 20/h]', 200",
    "2030-02-05, [5000/d], 5000",
    "2030-02-27, [5000/d], 5000",
    "2030-02-28, [], any",
    "2040-01-01, [], any"
  })
  void aDayHasItsRates(LocalDate day, String rates, String mails) {
    assertThat(PLAN.on(day).map(Object::toString).orElse("nothing")).isEqualTo(rates);
    assertThat(PLAN.mailsOn(day).map(Object::toString).orElse("any")).isEqualTo(mails);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "50/d",
        "1: many",
        "2: 50/d",
        "1: 50/d, 1: 60/d",
        "1: 50/d, 0: 9/d",
        "1: 5/d,"
      })
  void whatIsNoPlanIsRefused(String steps) {
    assertThatThrownBy(() -> WarmUp.parse("2030-01-30", steps))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
