package dev.caravan.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class LineEndsTest {
  @Test
  void theFirstOfThemIsFoundWhereverItStands() {
    Random random = new Random(1);
    byte[] octets = new byte[40];
    for (int round = 0; round < 20_000; round++) {
      random.nextBytes(octets);
      // Neighbours of CR and LF, and what borrows from them in arithmetic.
      for (int i = 0; i < 6; i++) {
        octets[random.nextInt(octets.length)] = (byte) (8 + random.nextInt(8) + (i & 1) * 128);
      }
      int from = random.nextInt(octets.length);
      int end = from + random.nextInt(octets.length - from + 1);
      int expected = from;
      while (expected < end && octets[expected] != '\r' && octets[expected] != '\n') {
        expected++;
      }
      assertThat(LineEnds.next(octets, from, end)).isEqualTo(expected);
    }
  }
}
