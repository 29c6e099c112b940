package dev.caravan.delivery;

import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.MailOptions;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.smtp.DotStuffer;
import dev.caravan.smtp.Xtext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One MAIL … DATA (RFC 5321, 3.3), pipelined where the server can (RFC 2920). Use once.
 *
 * <p>Delivered is only what a 2xx after the final dot says. A reply that fits nothing, such as 250
 * to DATA, is a temporary failure.
 */
final class MailTransaction {
  private final Wire wire;
  private final Hop hop;
  private final ClientOptions options;
  private final Map<String, String> extensions;
  private final QueuedMail mail;
  private final List<EmailAddress> recipients;
  private final Map<EmailAddress, Outcome> outcomes = new HashMap<>();
  private final List<EmailAddress> accepted = new ArrayList<>();
  private String stage = "at MAIL";
  private boolean mailAnswered;
  private boolean dotSent;
  private boolean usable = true;

  MailTransaction(
      Wire wire,
      Hop hop,
      ClientOptions options,
      Map<String, String> extensions,
      QueuedMail mail,
      List<EmailAddress> recipients) {
    this.wire = wire;
    this.hop = hop;
    this.options = options;
    this.extensions = extensions;
    this.mail = mail;
    this.recipients = recipients;
  }

  boolean leavesConnectionUsable() {
    return usable;
  }

  /**
   * One outcome for each recipient.
   *
   * @throws HopException when the server did not even answer MAIL
   */
  List<Outcome> run() throws HopException {
    Optional<SmtpReply> misfit = misfit();
    if (misfit.isPresent()) {
      return recipients.stream().<Outcome>map(r -> new Outcome.Failed(r, misfit.get())).toList();
    }
    try {
      talk();
    } catch (IOException e) {
      usable = false;
      if (!mailAnswered) {
        throw new HopException(
            e instanceof ClosingException closing
                ? Troubles.refused(closing.reply(), hop, stage)
                : Troubles.of(e, hop, stage));
      }
      SmtpReply reply = Troubles.of(e, hop, stage);
      for (EmailAddress r : recipients) {
        boolean maybe = dotSent && accepted.contains(r);
        outcomes.putIfAbsent(r, new Outcome.Deferred(r, reply, maybe));
      }
    }
    return recipients.stream().map(this::outcome).toList();
  }

  private Outcome outcome(EmailAddress r) {
    Outcome known = outcomes.get(r);
    return known != null
        ? known
        : new Outcome.Deferred(r, Troubles.reply("4.5.0", hop + ": no reply"), dotSent);
  }

  private void talk() throws IOException {
    boolean pipelining = extensions.containsKey("PIPELINING");
    wire.write(mailFrom());
    boolean binary = body() == MailOptions.Body.BINARY_MIME && takesBinary();
    boolean dataAhead = pipelining && !binary;
    if (pipelining) {
      for (EmailAddress recipient : recipients) {
        wire.write(rcptTo(recipient));
      }
      if (dataAhead) {
        wire.write("DATA");
      }
    }
    SmtpReply toMail = reply(options.command());
    mailAnswered = true;
    boolean ok = toMail.code() / 100 == 2;
    if (!ok) {
      // Decided, whatever the replies to the pipelined commands are.
      recipients.forEach(r -> outcomes.put(r, refused(r, toMail)));
    }
    stage = "at RCPT";
    if (pipelining) {
      for (EmailAddress recipient : recipients) {
        toRecipient(recipient, reply(options.command()), ok);
      }
    } else if (ok) {
      for (EmailAddress recipient : recipients) {
        wire.write(rcptTo(recipient));
        toRecipient(recipient, reply(options.command()), true);
      }
    }
    if (binary && !accepted.isEmpty()) {
      chunk();
    } else if (dataAhead || !accepted.isEmpty()) {
      data(dataAhead);
    } else {
      reset();
    }
  }

  /** The whole message as it is, in one chunk (RFC 3030). */
  private void chunk() throws IOException {
    stage = "while sending the message";
    wire.write("BDAT " + mail.content().size() + " LAST");
    dotSent = true;
    mail.content().writeTo(wire.data());
    stage = "after the last chunk";
    end();
  }

  private void toRecipient(EmailAddress recipient, SmtpReply reply, boolean mailOk) {
    if (!mailOk) {
      return;
    }
    if (reply.code() / 100 == 2) {
      accepted.add(recipient);
      return;
    }
    // Too many recipients is said with 552 by old servers (RFC 5321, 4.5.3.1.10).
    boolean tooMany = reply.code() == 552 && recipients.size() > 1;
    outcomes.put(recipient, refused(recipient, tooMany ? Troubles.asTemporary(reply) : reply));
  }

  private void data(boolean pipelined) throws IOException {
    stage = "at DATA";
    if (!pipelined) {
      wire.write("DATA");
    }
    SmtpReply toData = reply(options.dataStart());
    if (toData.code() / 100 != 3) {
      accepted.forEach(r -> outcomes.put(r, refused(r, toData)));
      reset();
      return;
    }
    stage = "while sending the message";
    DotStuffer stuffer = new DotStuffer(wire.data());
    // With nobody accepted the server still waits for an end (RFC 2920, 3.1).
    if (!accepted.isEmpty()) {
      if (body() == MailOptions.Body.BINARY_MIME) {
        BinaryDowngrade.write(mail.content(), stuffer);
      } else {
        mail.content().writeTo(stuffer);
      }
    }
    stuffer.end();
    dotSent = true;
    stage = "after the final dot";
    end();
  }

  private void end() throws IOException {
    SmtpReply toDot = wire.read(options.dataEnd());
    if (toDot.code() == 421) {
      usable = false;
    }
    accepted.forEach(
        r ->
            outcomes.put(
                r,
                toDot.code() / 100 == 2
                    ? new Outcome.Delivered(r, toDot, offers("DSN"))
                    : refused(r, toDot)));
  }

  /** The next reply; 421 ends everything. */
  private SmtpReply reply(Duration limit) throws IOException {
    SmtpReply reply = wire.read(limit);
    if (reply.code() == 421) {
      throw new ClosingException(reply);
    }
    return reply;
  }

  private Outcome refused(EmailAddress recipient, SmtpReply reply) {
    if (reply.isPermanent()) {
      return new Outcome.Failed(recipient, reply);
    }
    if (reply.isTemporary()) {
      return new Outcome.Deferred(recipient, reply, false);
    }
    usable = false;
    return new Outcome.Deferred(recipient, Troubles.refused(reply, hop, stage), dotSent);
  }

  /** The outcomes are known: trouble here concerns only the connection. */
  private void reset() {
    if (!usable) {
      return;
    }
    try {
      usable = wire.command("RSET", options.command()).code() / 100 == 2;
    } catch (IOException e) {
      usable = false;
    }
  }

  private boolean offers(String extension) {
    return extensions.containsKey(extension);
  }

  private boolean takesBinary() {
    return offers("CHUNKING") && offers("BINARYMIME");
  }

  private MailOptions.Body body() {
    return mail.envelope().body();
  }

  /** With what the sender asked for, where the server can do it (RFC 3461, 5.2.1). */
  private String rcptTo(EmailAddress recipient) {
    StringBuilder line = new StringBuilder("RCPT TO:<").append(recipient).append('>');
    DsnRequest dsn = mail.envelope().dsn(recipient);
    if (offers("DSN") && !dsn.equals(DsnRequest.NONE)) {
      if (!dsn.notifications().isEmpty()) {
        line.append(" NOTIFY=")
            .append(
                dsn.notifications().stream()
                    .sorted()
                    .map(Enum::name)
                    .collect(Collectors.joining(",")));
      }
      String original = dsn.originalRecipient();
      if (!original.isEmpty()) {
        line.append(" ORCPT=").append(original);
      } else if (!recipient.isInternational()) {
        line.append(" ORCPT=rfc822;").append(Xtext.encode(recipient.toString()));
      }
    }
    return line.toString();
  }

  private String mailFrom() {
    StringBuilder line = new StringBuilder("MAIL FROM:<").append(mail.envelope().sender());
    line.append('>');
    if (extensions.containsKey("SIZE")) {
      line.append(" SIZE=").append(mail.content().size());
    }
    // 8-bit content for a server without 8BITMIME is sent as it is: a conversion would break
    // signatures, and no such server has been seen to mind.
    if (body() == MailOptions.Body.BINARY_MIME && takesBinary()) {
      line.append(" BODY=BINARYMIME");
    } else if (body() != MailOptions.Body.SEVEN_BIT && offers("8BITMIME")) {
      line.append(" BODY=8BITMIME");
    }
    if (needsUtf8()) {
      line.append(" SMTPUTF8");
    }
    askedFor(line);
    return line.toString();
  }

  private void askedFor(StringBuilder line) {
    MailOptions options = mail.envelope().options();
    if (offers("DSN")) {
      switch (options.returned()) {
        case FULL -> line.append(" RET=FULL");
        case HEADERS -> line.append(" RET=HDRS");
        case UNSTATED -> {
          // The next server decides.
        }
      }
      if (!options.envelopeId().isEmpty()) {
        line.append(" ENVID=").append(options.envelopeId());
      }
    }
    if (options.requireTls()) {
      line.append(" REQUIRETLS");
    }
    if (options.priority() != 0 && offers("MT-PRIORITY")) {
      line.append(" MT-PRIORITY=").append(options.priority());
    }
  }

  /** Why this server can't take this mail at all; asked before it is bothered with it. */
  private Optional<SmtpReply> misfit() {
    if (isTooBig()) {
      return Optional.of(SmtpReply.of(552, "5.3.4", "Message is bigger than " + hop + " takes"));
    }
    if (needsUtf8() && !extensions.containsKey("SMTPUTF8")) {
      return Optional.of(SmtpReply.of(553, "5.6.7", hop + " takes no international addresses"));
    }
    if (mail.envelope().options().requireTls() && (wire.tls().isEmpty() || !offers("REQUIRETLS"))) {
      return Optional.of(
          SmtpReply.of(550, "5.7.30", hop + " can't promise TLS for the rest of the way"));
    }
    return Optional.empty();
  }

  /** Many clients declare SMTPUTF8 for any mail; it is needed where something is not ASCII. */
  private boolean needsUtf8() {
    return mail.envelope().sender().address().filter(EmailAddress::isInternational).isPresent()
        || recipients.stream().anyMatch(EmailAddress::isInternational)
        || mail.envelope().smtpUtf8()
            && mail.content().header().fields().stream()
                .anyMatch(f -> f.raw().chars().anyMatch(c -> c >= 128));
  }

  private boolean isTooBig() {
    String max = extensions.getOrDefault("SIZE", "");
    if (!max.matches("\\d{1,18}")) {
      return false;
    }
    long octets = Long.parseLong(max);
    return octets > 0 && mail.content().size() > octets;
  }
}
