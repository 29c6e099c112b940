package dev.caravan.delivery;

import dev.caravan.delivery.auth.AuthException;
import dev.caravan.delivery.auth.Channel;
import dev.caravan.delivery.auth.ClientMechanism;
import dev.caravan.delivery.auth.Credentials;
import dev.caravan.delivery.tls.PeerCheck;
import dev.caravan.mail.SmtpReply;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Logs in (RFC 4954) with the best mechanism that server and credentials have in common. Whatever
 * goes wrong is the server's trouble, or ours, but never that of a mail: it is tried later.
 */
final class SmtpLogin {
  /** RFC 4954, 4: a longer first answer has to wait until it is asked for. */
  private static final int COMMAND_MAX = 510;

  private static final int CHALLENGES_MAX = 10;
  private static final String SHOWN = "****";

  private final Wire wire;
  private final Hop hop;
  private final Credentials credentials;
  private final Duration limit;

  SmtpLogin(Wire wire, Hop hop, Credentials credentials, Duration limit) {
    this.wire = wire;
    this.hop = hop;
    this.credentials = credentials;
    this.limit = limit;
  }

  /**
   * Logs in.
   *
   * @param auth what the server says behind AUTH in its answer to EHLO
   */
  void run(String auth) throws IOException, HopException {
    Set<String> offered =
        Arrays.stream(auth.toUpperCase(Locale.ROOT).split("[ =]+"))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
    List<String> usable = usable(offered);
    try {
      SmtpReply refusal = login(usable.getFirst());
      for (String next : usable.subList(1, usable.size())) {
        if (!isAboutTheMechanism(refusal)) {
          break;
        }
        refusal = login(next);
      }
      if (!isOk(refusal)) {
        throw new HopException(refused(refusal));
      }
    } catch (AuthException e) {
      throw new HopException(Troubles.reply("4.7.8", hop + ": " + e.getMessage()));
    }
  }

  private List<String> usable(Set<String> offered) throws HopException {
    boolean encrypted = !wire.tls().isEmpty();
    boolean verified = !(hop.check() instanceof PeerCheck.Anybody);
    Channel channel =
        new Channel(encrypted, encrypted && verified, hop.address().isLoopbackAddress());
    List<String> usable = credentials.usable(offered, channel);
    if (!usable.isEmpty()) {
      return usable;
    }
    throw new HopException(
        credentials.needsTls(offered)
            ? Troubles.reply(
                "4.7.11", hop + " offers no TLS: the password is not sent in clear text")
            : Troubles.reply(
                "4.7.4",
                hop
                    + (offered.isEmpty()
                        ? " offers no AUTH"
                        : " offers no AUTH that we can use, but "
                            + offered.stream().sorted().collect(Collectors.joining(", ")))));
  }

  /** The mechanism is too weak for it (534), or it has it not after all (504, 538). */
  private static boolean isAboutTheMechanism(SmtpReply reply) {
    return reply.code() == 504 || reply.code() == 534 || reply.code() == 538;
  }

  private static boolean isOk(SmtpReply reply) {
    return reply.code() / 100 == 2;
  }

  /** Tries it, and once more where a fresh secret may help; the last reply. */
  private SmtpReply login(String mechanism) throws IOException, HopException, AuthException {
    ClientMechanism first = credentials.begin(mechanism, hop.host(), hop.port());
    SmtpReply reply = dialogue(mechanism, first);
    if (isOk(reply) || isAboutTheMechanism(reply) || reply.isTemporary()) {
      return reply;
    }
    if (!credentials.refused(first)) {
      return told(reply, first);
    }
    ClientMechanism second = credentials.begin(mechanism, hop.host(), hop.port());
    reply = dialogue(mechanism, second);
    if (isOk(reply)) {
      return reply;
    }
    boolean again = credentials.refused(second);
    wire.fact("", again ? "refused with a fresh secret" : "refused");
    return told(reply, second);
  }

  private static SmtpReply told(SmtpReply reply, ClientMechanism login) {
    return login.complaint().isEmpty()
        ? reply
        : new SmtpReply(
            reply.code(),
            reply.enhanced(),
            List.of(String.join(" ", reply.lines()) + " (" + login.complaint() + ")"));
  }

  private SmtpReply dialogue(String mechanism, ClientMechanism login)
      throws IOException, AuthException {
    String command = "AUTH " + mechanism;
    Optional<String> initial = login.first().map(SmtpLogin::encoded);
    boolean fits =
        initial.isPresent() && command.length() + 1 + initial.get().length() <= COMMAND_MAX;
    SmtpReply reply =
        fits
            ? wire.secret(command + ' ' + initial.get(), command + ' ' + SHOWN, limit)
            : wire.command(command, limit);
    boolean waiting = initial.isPresent() && !fits;
    for (int i = 0; reply.code() == 334; i++) {
      if (i == CHALLENGES_MAX) {
        throw cancelled(new IOException("the server asks for ever"));
      }
      String answer = waiting ? initial.get() : answer(login, reply);
      waiting = false;
      reply = wire.secret(answer, answer.isEmpty() ? "" : SHOWN, limit);
    }
    if (isOk(reply)) {
      login.succeeded();
    }
    return reply;
  }

  private String answer(ClientMechanism login, SmtpReply challenge)
      throws IOException, AuthException {
    try {
      String text = challenge.lines().getFirst().strip();
      byte[] decoded = Base64.getDecoder().decode(text.equals("=") ? "" : text);
      byte[] answer = login.answer(decoded);
      return answer.length == 0 ? "" : Base64.getEncoder().encodeToString(answer);
    } catch (AuthException e) {
      throw cancelled(e);
    } catch (IllegalArgumentException e) {
      throw cancelled(new IOException("a challenge is no base64", e));
    }
  }

  /** RFC 4954, 4: the server then says 501, which is of no more interest. */
  private <E extends Exception> E cancelled(E reason) throws IOException {
    wire.write("*");
    wire.flush();
    return reason;
  }

  private static String encoded(byte[] octets) {
    return octets.length == 0 ? "=" : Base64.getEncoder().encodeToString(octets);
  }

  /** A wrong password is our trouble, not the sender's: it must not bounce mail. */
  private SmtpReply refused(SmtpReply reply) {
    boolean credentialsAreWrong = reply.isPermanent();
    return Troubles.reply(
        credentialsAreWrong ? "4.7.8" : "4.7.0",
        hop
            + (credentialsAreWrong ? " refuses our login as " : " takes no login now, tried as ")
            + credentials.user()
            + ": "
            + reply);
  }
}
