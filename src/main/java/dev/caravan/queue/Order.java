package dev.caravan.queue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an operator wants done with mail.
 *
 * @param reason for the log, the events, and whoever looks at held mail; may be empty
 * @param via of {@link Command#REROUTE}: the server, {@code HOST:PORT}, or the name of a smarthost
 *     or group of the table; else empty
 */
public record Order(Command command, String reason, String via) {
  private static final int REASON_MAX = 200;
  private static final int PORT_MAX = 65_535;
  private static final Pattern SERVER =
      Pattern.compile("([A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}\\]):([1-9]\\d{0,4})");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,59}");

  /** What can be done. */
  public enum Command {
    /** It waits until it is released. */
    HOLD(EnumSet.of(MailState.QUEUED, MailState.WAITING, MailState.SCHEDULED)),
    /** Held mail is delivered. */
    RELEASE(EnumSet.of(MailState.HELD, MailState.QUARANTINED)),
    /** Mail that waits for its time is due now. */
    RETRY(EnumSet.of(MailState.WAITING, MailState.SCHEDULED)),
    /** It goes by another server, now; held mail when it is released. */
    REROUTE(EnumSet.complementOf(EnumSet.of(MailState.DEAD))),
    /** Its sender is told that it was not delivered. */
    BOUNCE(EnumSet.complementOf(EnumSet.of(MailState.DEAD))),
    /** It is gone, and nobody is told. */
    DELETE(EnumSet.allOf(MailState.class));

    private final Set<MailState> states;

    Command(Set<MailState> states) {
      this.states = Set.copyOf(states);
    }

    /** Whether it does something with mail in this queue. */
    public boolean concerns(String queue) {
      return MailState.ofQueue(queue).filter(states::contains).isPresent();
    }

    /**
     * @throws IllegalArgumentException when there is none of this name
     */
    public static Command of(String name) {
      return Arrays.stream(values())
          .filter(command -> command.toString().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "there is no command '"
                          + name
                          + "'; there are "
                          + Arrays.stream(values())
                              .map(Command::toString)
                              .collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException with the sentence for the operator
   */
  public Order {
    if (reason.length() > REASON_MAX || reason.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "a reason is one line of at most " + REASON_MAX + " characters");
    }
    if (command == Command.REROUTE) {
      var server = SERVER.matcher(via);
      boolean isServer = server.matches() && Integer.parseInt(server.group(2)) <= PORT_MAX;
      if (!isServer && !NAME.matcher(via).matches()) {
        throw new IllegalArgumentException(
            "reroute needs the server as HOST:PORT, or the name of a smarthost, not '" + via + "'");
      }
    } else if (!via.isEmpty()) {
      throw new IllegalArgumentException("'via' belongs to reroute");
    }
  }

  /** The name in the table of smarthosts that {@code via} is; empty when it is a server. */
  public Optional<String> viaName() {
    return via.isEmpty() || via.contains(":") ? Optional.empty() : Optional.of(via);
  }
}
