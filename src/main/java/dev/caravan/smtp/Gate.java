package dev.caravan.smtp;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.TlsFacts;
import java.util.Optional;
import java.util.Set;

/** What must have come before a command: EHLO, TLS, a login, MAIL, in this order. */
final class Gate {
  /** What a client may say where TLS must come first (RFC 3207, 4; XCLIENT is of proxies). */
  private static final Set<String> BEFORE_TLS =
      Set.of("EHLO", "HELO", "STARTTLS", "NOOP", "RSET", "QUIT", "XCLIENT");

  /** What it may say where it must log in first (RFC 4954, 6). */
  private static final Set<String> BEFORE_LOGIN =
      Set.of("EHLO", "HELO", "STARTTLS", "AUTH", "NOOP", "RSET", "QUIT", "XCLIENT");

  private final Listening listening;

  Gate(Listening listening) {
    this.listening = listening;
  }

  /** How far a session must have come. */
  enum Phase {
    ANY,
    HELO,
    MAIL
  }

  /** Why a command can't be taken now, if so. */
  Optional<SmtpReply> refusal(String verb, Phase needs, Origin origin, boolean hasMail) {
    if (needs != Phase.ANY && origin.helo().isEmpty()) {
      return Optional.of(Replies.HELO_FIRST);
    }
    if (mustEncrypt(origin) && !BEFORE_TLS.contains(verb)) {
      return Optional.of(Replies.STARTTLS_FIRST);
    }
    if (mustLogIn(origin) && !BEFORE_LOGIN.contains(verb)) {
      return Optional.of(Replies.AUTH_FIRST);
    }
    return needs == Phase.MAIL && !hasMail ? Optional.of(Replies.MAIL_FIRST) : Optional.empty();
  }

  private boolean mustEncrypt(Origin origin) {
    return origin.tlsFacts().isEmpty() && listening.tls() == Listening.Tls.REQUIRED;
  }

  /** A certificate that our authority vouches for is as good as a password. */
  private boolean mustLogIn(Origin origin) {
    boolean known =
        origin.user().isPresent()
            || origin.tlsFacts().flatMap(TlsFacts::client).isPresent() && origin.trusted();
    return !known && listening.auth() == Listening.Auth.REQUIRED;
  }
}
