package dev.caravan.ops;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code caravan run} as service files and containers have it, with nothing but {@code -P
 * KEY=VALUE}: read here, because picocli's classes are too old for java's archive, and to load them
 * is a tenth of a start. Whatever else there is to say, errors of usage above all, {@link Commands}
 * says.
 */
public final class PlainRun {
  private final Map<String, String> overrides;

  private PlainRun(Map<String, String> overrides) {
    this.overrides = overrides;
  }

  /** What these arguments ask for, or empty if they are for {@link Commands}. */
  public static Optional<PlainRun> of(String... arguments) {
    if (arguments.length % 2 == 0 || !arguments[0].equals("run")) {
      return Optional.empty();
    }
    Map<String, String> overrides = new LinkedHashMap<>();
    for (int i = 1; i < arguments.length; i += 2) {
      String pair = arguments[i + 1];
      int equals = pair.indexOf('=');
      if (!arguments[i].equals("-P") || equals < 1 || !Character.isLetter(pair.charAt(0))) {
        return Optional.empty();
      }
      overrides.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return Optional.of(new PlainRun(overrides));
  }

  Map<String, String> overrides() {
    return overrides;
  }

  /** Runs the gateway until it is told to stop; returns the exit status. */
  public int execute(RunningGateway.Starter starter) {
    PrintWriter err = new PrintWriter(System.err, true);
    try {
      return new GatewayRun(starter, new PrintWriter(System.out, true), err)
          .call(() -> CommonOptions.read(overrides));
    } catch (Exception e) {
      Failure.tell(e, err);
      return Commands.NO;
    }
  }
}
