package dev.caravan.smtp;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The reply to EHLO: what this client may use now. */
final class Ehlo {
  private Ehlo() {}

  static SmtpReply reply(Surroundings around, Origin origin, boolean xclient) {
    Listening listening = around.listening();
    List<String> lines = new ArrayList<>(20);
    lines.add(listening.hostname());
    lines.add("PIPELINING");
    lines.add("SIZE " + around.limits().messageSize());
    lines.add("8BITMIME");
    lines.add("SMTPUTF8");
    lines.add("CHUNKING");
    lines.add("BINARYMIME");
    lines.add("DSN");
    lines.add("ENHANCEDSTATUSCODES");
    lines.add("LIMITS RCPTMAX=" + around.limits().recipients());
    lines.add("MT-PRIORITY");
    boolean encrypted = origin.tlsFacts().isPresent();
    if (encrypted) {
      lines.add("REQUIRETLS");
    } else if (listening.tls() != Listening.Tls.NONE && around.canEncrypt()) {
      lines.add("STARTTLS");
    }
    if (encrypted || listening.tls() != Listening.Tls.REQUIRED) {
      authentication(around, origin).ifPresent(lines::add);
    }
    if (origin.trusted()) {
      lines.add("ETRN");
    }
    // Clients that log in don't ask again afterwards.
    if (origin.trusted() || listening.auth() == Listening.Auth.REQUIRED) {
      lines.add(futureRelease(around));
    }
    if (xclient) {
      lines.add("XCLIENT " + String.join(" ", XclientCommand.ATTRIBUTES));
    }
    lines.add("HELP");
    return new SmtpReply(250, Optional.empty(), lines);
  }

  private static Optional<String> authentication(Surroundings around, Origin origin) {
    if (origin.user().isPresent() || around.listening().auth() == Listening.Auth.NONE) {
      return Optional.empty();
    }
    List<String> offered = LogIn.offered(around, origin);
    return offered.isEmpty() ? Optional.empty() : Optional.of("AUTH " + String.join(" ", offered));
  }

  /** The longest time, and the same as an instant (RFC 4865, 4). */
  private static String futureRelease(Surroundings around) {
    Duration max = around.listening().holdMax();
    return "FUTURERELEASE "
        + max.toSeconds()
        + ' '
        + around.clock().instant().plus(max).truncatedTo(ChronoUnit.SECONDS);
  }
}
