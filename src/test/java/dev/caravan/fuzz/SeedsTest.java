package dev.caravan.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every seed through its target, and each with a few octets changed. */
final class SeedsTest {
  private static final int CHANGED = 200;

  static List<Targets.Target> targets() {
    return Targets.all();
  }

  /** A target may have silenced what it is about. */
  @AfterAll
  static void loud() {
    Configurator.reconfigure();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everySeedPasses(Targets.Target target) throws Throwable {
    MethodHandle fuzz =
        MethodHandles.publicLookup()
            .findStatic(
                Class.forName(target.className()),
                "fuzzerTestOneInput",
                MethodType.methodType(void.class, byte[].class));
    assertThat(target.seedFiles()).isNotEmpty();
    for (Path seed : target.seedFiles()) {
      byte[] input = Files.readAllBytes(seed);
      pass(fuzz, input, seed + " as it is");
      Random random = new Random(input.length);
      for (int i = 0; i < CHANGED && input.length > 0; i++) {
        byte[] changed = input.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
          changed[random.nextInt(changed.length)] = changedOctet(random, input);
        }
        int length = random.nextInt(4) > 0 ? changed.length : random.nextInt(changed.length + 1);
        pass(fuzz, Arrays.copyOf(changed, length), seed + " changed, " + i);
      }
    }
  }

  /** Any octet, or one that the seed has: that finds more. */
  private static byte changedOctet(Random random, byte[] input) {
    return random.nextBoolean() ? (byte) random.nextInt(256) : input[random.nextInt(input.length)];
  }

  private static void pass(MethodHandle fuzz, byte[] input, String what) {
    try {
      fuzz.invokeExact(input);
    } catch (Throwable e) {
      throw new AssertionError(what + ": " + Arrays.toString(input), e);
    }
  }
}
