package dev.caravan.delivery;

import dev.caravan.delivery.auth.AuthException;
import dev.caravan.delivery.tls.TlsResult;
import dev.caravan.delivery.tls.TlsTrouble;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * One connection to a server, on which mails are sent one after the other. Blocking; used by one
 * thread at a time.
 *
 * <p>Everything before the reply to MAIL is the server's trouble ({@link HopException}); after it
 * each recipient gets an {@link Outcome}.
 */
final class SmtpConnection implements AutoCloseable {
  private final Hop hop;
  private final ClientOptions options;
  private final Wire wire;
  private Map<String, String> extensions = Map.of();
  private HopLimits limits = HopLimits.NONE;
  private int sent;
  private boolean usable = true;
  private long idleSince = System.nanoTime();

  private SmtpConnection(Hop hop, ClientOptions options, Wire wire) {
    this.hop = hop;
    this.options = options;
    this.wire = wire;
  }

  /**
   * Connects, greets, encrypts and logs in.
   *
   * @param clearText never encrypt, though the server may offer it
   * @param connect how long to wait for the connection
   * @param reach hears whether there was one
   */
  static SmtpConnection open(
      Hop hop,
      ClientOptions options,
      Watchdog watchdog,
      boolean clearText,
      Transcript transcript,
      Duration connect,
      Reach reach)
      throws HopException {
    Wire wire = new Wire(watchdog, options.dataBlock());
    wire.record(transcript);
    transcript.fact("connecting to ", hop);
    hop.source().address().ifPresent(a -> transcript.fact("from ", hop.source()));
    String stage = "while connecting";
    boolean done = false;
    try {
      prepare(hop);
      connect(wire, hop, connect, reach);
      if (hop.tls() == TlsMode.IMPLICIT) {
        stage = "during the TLS handshake";
        wire.encrypt(options.tls(), hop, options.command());
      }
      stage = "while greeting";
      SmtpConnection connection = new SmtpConnection(hop, options, wire);
      connection.greet(clearText);
      done = true;
      return connection;
    } catch (SSLException e) {
      throw HopException.tls(Troubles.tls(e, hop), TlsTrouble.of(e));
    } catch (IOException e) {
      throw new HopException(Troubles.of(e, hop, stage));
    } finally {
      if (!done) {
        wire.close();
      }
    }
  }

  private static void connect(Wire wire, Hop hop, Duration limit, Reach reach) throws IOException {
    try {
      wire.connect(hop.source().address(), new InetSocketAddress(hop.address(), hop.port()), limit);
    } catch (Wire.NotOursException e) {
      throw e;
    } catch (IOException e) {
      reach.failed(hop);
      throw e;
    }
    reach.connected(hop);
  }

  /** A server that has greeted us does not like to wait until we know the password. */
  private static void prepare(Hop hop) throws HopException {
    try {
      if (hop.login().isPresent()) {
        hop.login().get().prepare();
      }
    } catch (AuthException e) {
      throw new HopException(Troubles.reply("4.7.0", hop + ": " + e.getMessage()));
    }
  }

  private void greet(boolean clearText) throws IOException, HopException {
    SmtpReply greeting = wire.read(options.times().greeting());
    if (greeting.code() == 521) {
      throw HopException.unfit(
          SmtpReply.of(521, "5.3.2", hop + " takes no mail at all (RFC 7504)"));
    }
    expectOk(greeting, "in the greeting");
    ehlo();
    switch (hop.tls()) {
      case NONE, IMPLICIT -> {
        // nothing to begin
      }
      case OPPORTUNISTIC -> {
        if (!clearText && extensions.containsKey("STARTTLS") && isReadyForTls()) {
          startTls();
        }
      }
      case REQUIRED, VERIFIED -> {
        if (!extensions.containsKey("STARTTLS")) {
          throw HopException.noTls(Troubles.reply("4.7.4", hop + " does not offer STARTTLS"));
        }
        expectOk(wire.command("STARTTLS", options.command()), "to STARTTLS");
        startTls();
      }
    }
    if (hop.login().isPresent()) {
      new SmtpLogin(wire, hop, hop.login().get(), options.command())
          .run(extensions.getOrDefault("AUTH", ""));
    }
  }

  /** RFC 3207, 4: a server may say 454 though it offers TLS; who only wishes for it goes on. */
  private boolean isReadyForTls() throws IOException, HopException {
    SmtpReply reply = wire.command("STARTTLS", options.command());
    if (reply.code() == 421) {
      throw new HopException(Troubles.refused(reply, hop, "to STARTTLS"));
    }
    return isOk(reply);
  }

  private void startTls() throws HopException {
    try {
      wire.encrypt(options.tls(), hop, options.command());
      // What the server said in clear text may have come from anybody (RFC 3207, 4.2).
      ehlo();
    } catch (IOException e) {
      throw HopException.tls(Troubles.tls(e, hop), TlsTrouble.of(e));
    }
  }

  private void ehlo() throws IOException, HopException {
    extensions = Map.of();
    String name = hop.source().name().isEmpty() ? options.hostname() : hop.source().name();
    SmtpReply reply = wire.command("EHLO " + name, options.command());
    if (reply.isPermanent()) {
      expectOk(wire.command("HELO " + name, options.command()), "to HELO");
      return;
    }
    expectOk(reply, "to EHLO");
    Map<String, String> offered = new HashMap<>();
    for (String line : reply.lines().subList(1, reply.lines().size())) {
      String[] words = line.strip().split("[ =]", 2);
      String parameters = words.length > 1 ? words[1].strip() : "";
      // Old servers say AUTH twice, once with "=".
      offered.merge(words[0].toUpperCase(Locale.ROOT), parameters, (a, b) -> a + " " + b);
    }
    extensions = offered;
    limits = HopLimits.parse(offered.getOrDefault("LIMITS", ""));
  }

  private static boolean isOk(SmtpReply reply) {
    return reply.code() / 100 == 2;
  }

  private void expectOk(SmtpReply reply, String stage) throws HopException {
    if (!isOk(reply)) {
      throw new HopException(Troubles.refused(reply, hop, stage));
    }
  }

  /**
   * Sends the mail to as many of these recipients as the server takes at once.
   *
   * @return one outcome for each of those, at least one
   * @throws HopException when the server took no mail at all and another may be tried
   */
  List<Outcome> send(QueuedMail mail, List<EmailAddress> open) throws HopException {
    List<EmailAddress> recipients = limits.first(open);
    Fit fit = Fit.of(mail, recipients, hop, extensions);
    MailTransaction transaction =
        new MailTransaction(wire, hop, options, extensions, mail, recipients, fit, sent == 0);
    // Whatever is thrown leaves the dialogue at a place that nobody knows.
    usable = false;
    List<Outcome> outcomes = transaction.run();
    usable = transaction.leavesConnectionUsable();
    sent++;
    idleSince = System.nanoTime();
    return outcomes;
  }

  /** Where from now on everything is written down. */
  void record(Transcript transcript) {
    wire.record(transcript);
  }

  Hop hop() {
    return hop;
  }

  /** Protocol and cipher; empty in clear text. */
  String tls() {
    return wire.tls();
  }

  /** Whether it has had as many mails as it may have. */
  boolean hasSent(java.util.OptionalInt most) {
    return most.isPresent() && sent >= most.getAsInt();
  }

  /** What is wrong with it for a report on TLS, though it may be used. */
  Optional<TlsTrouble> flaw() {
    return !wire.tls().isEmpty() || hop.tls() == TlsMode.NONE
        ? wire.flaw()
        : Optional.of(
            new TlsTrouble(TlsResult.STARTTLS_NOT_SUPPORTED, hop + " offers no STARTTLS"));
  }

  /** Whether it may be used for another mail. */
  boolean isReusable() {
    return usable && sent < Math.min(options.messagesPerConnection(), limits.mails());
  }

  /** Whether it has been idle too long, or the server has said something in the meantime. */
  boolean isStale(long now) {
    return now - idleSince > options.times().idle().toNanos() || !wire.isQuiet();
  }

  /** Says QUIT, without waiting for the answer. */
  @Override
  public void close() {
    try {
      if (usable) {
        wire.write("QUIT");
        wire.flush();
      }
    } catch (IOException e) {
      // it is closed anyway
    }
    wire.close();
  }
}
