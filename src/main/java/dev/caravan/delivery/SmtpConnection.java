package dev.caravan.delivery;

import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import dev.caravan.smtp.DotStuffer;
import dev.caravan.smtp.ReplyReader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/**
 * One connection to a server, on which mails are sent one after the other. Blocking; used by one
 * thread at a time.
 *
 * <p>Everything up to the first accepted MAIL is the server's trouble ({@link HopException}); after
 * it each recipient gets an {@link Outcome}.
 */
final class SmtpConnection implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final int READ_BUFFER = 4 * 1024;

  private final Hop hop;
  private final ClientOptions options;
  private Socket socket;
  private ReplyReader replies;
  private OutputStream out;
  private Map<String, String> extensions = Map.of();
  private String tls = "";
  private int sent;
  private boolean usable = true;
  private long idleSince = System.nanoTime();

  private SmtpConnection(Hop hop, ClientOptions options, Socket socket) throws IOException {
    this.hop = hop;
    this.options = options;
    this.socket = socket;
    this.replies = new ReplyReader(new BufferedInputStream(socket.getInputStream(), READ_BUFFER));
    this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
  }

  /** Connects, greets, encrypts and logs in. */
  static SmtpConnection open(Hop hop, ClientOptions options, boolean clearText)
      throws HopException {
    String stage = "while connecting";
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(hop.address(), hop.port()), millis(options.connect()));
      socket.setSoTimeout(millis(options.command()));
      String tls = "";
      if (hop.tls() == TlsMode.IMPLICIT) {
        stage = "during the TLS handshake";
        SSLSocket encrypted = Tls.wrap(socket, hop, true);
        socket = encrypted;
        tls = Tls.describe(encrypted);
      }
      SmtpConnection connection = new SmtpConnection(hop, options, socket);
      connection.tls = tls;
      stage = "while greeting";
      connection.greet(clearText);
      return connection;
    } catch (IOException e) {
      closeQuietly(socket);
      throw new HopException(Troubles.of(e, hop, stage));
    } catch (HopException e) {
      closeQuietly(socket);
      throw e;
    }
  }

  private void greet(boolean clearText) throws IOException, HopException {
    expect(replies.read(), 220, "in the greeting");
    ehlo();
    boolean wanted = hop.tls() != TlsMode.NONE && hop.tls() != TlsMode.IMPLICIT && !clearText;
    if (wanted && extensions.containsKey("STARTTLS")) {
      startTls();
    } else if (hop.tls() == TlsMode.REQUIRED || hop.tls() == TlsMode.VERIFIED) {
      throw new HopException(Troubles.reply("4.7.4", hop + " does not offer STARTTLS"));
    }
    if (hop.login().isPresent()) {
      logIn(hop.login().get());
    }
  }

  private void ehlo() throws IOException, HopException {
    SmtpReply reply = command("EHLO " + options.hostname());
    if (reply.isPermanent()) {
      extensions = Map.of();
      expect(command("HELO " + options.hostname()), 250, "to HELO");
      return;
    }
    expect(reply, 250, "to EHLO");
    Map<String, String> offered = new HashMap<>();
    for (String line : reply.lines().subList(1, reply.lines().size())) {
      String[] words = line.strip().split("[ =]", 2);
      offered.put(words[0].toUpperCase(Locale.ROOT), words.length > 1 ? words[1] : "");
    }
    extensions = offered;
  }

  private void startTls() throws IOException, HopException {
    expect(command("STARTTLS"), 220, "to STARTTLS");
    try {
      SSLSocket encrypted = Tls.wrap(socket, hop, hop.tls() == TlsMode.VERIFIED);
      socket = encrypted;
      tls = Tls.describe(encrypted);
    } catch (IOException e) {
      throw new TlsFailedException(e);
    }
    // New streams: nothing that came before the handshake survives it.
    replies = new ReplyReader(new BufferedInputStream(socket.getInputStream(), READ_BUFFER));
    out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
    ehlo();
  }

  /** The handshake failed: where TLS is only an opportunity, clear text is the next try. */
  static final class TlsFailedException extends javax.net.ssl.SSLException {
    private static final long serialVersionUID = 1L;

    TlsFailedException(IOException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  private void logIn(Hop.Login login) throws IOException, HopException {
    if (tls.isEmpty() && hop.tls() != TlsMode.NONE && !hop.address().isLoopbackAddress()) {
      throw new HopException(
          Troubles.reply("4.7.11", hop + " offers no TLS: the password is not sent in clear text"));
    }
    String mechanisms = " " + extensions.getOrDefault("AUTH", "").toUpperCase(Locale.ROOT) + " ";
    SmtpReply reply;
    if (mechanisms.contains(" PLAIN ")) {
      reply = command("AUTH PLAIN " + base64("\0" + login.user() + "\0" + login.password()));
    } else if (mechanisms.contains(" LOGIN ")) {
      reply = command("AUTH LOGIN");
      if (reply.code() == 334) {
        reply = command(base64(login.user()));
      }
      if (reply.code() == 334) {
        reply = command(base64(login.password()));
      }
    } else {
      throw new HopException(Troubles.reply("4.7.4", hop + " offers neither AUTH PLAIN nor LOGIN"));
    }
    if (reply.code() != 235) {
      // A wrong password is our trouble, not the sender's: it must not bounce mail.
      throw new HopException(Troubles.refused(reply, hop, "to AUTH"));
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void expect(SmtpReply reply, int code, String stage) throws HopException {
    if (reply.code() != code) {
      throw new HopException(Troubles.refused(reply, hop, stage));
    }
  }

  private SmtpReply command(String line) throws IOException {
    write(line);
    out.flush();
    return replies.read();
  }

  private void write(String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }

  /**
   * Sends the mail to these recipients.
   *
   * @return one outcome for each
   * @throws HopException when the server took no mail at all and another may be tried
   */
  List<Outcome> send(QueuedMail mail, List<EmailAddress> recipients) throws HopException {
    Transaction transaction = new Transaction(mail, recipients);
    try {
      return transaction.run();
    } catch (IOException e) {
      usable = false;
      SmtpReply reply = Troubles.of(e, hop, transaction.stage);
      if (!transaction.mailAccepted) {
        throw new HopException(reply);
      }
      return transaction.interrupted(reply);
    } finally {
      sent++;
      idleSince = System.nanoTime();
    }
  }

  /** One MAIL … DATA. */
  private final class Transaction {
    private final QueuedMail mail;
    private final List<EmailAddress> recipients;
    private final Map<EmailAddress, Outcome> outcomes = new HashMap<>();
    private final List<EmailAddress> accepted = new ArrayList<>();
    private String stage = "at MAIL";
    private boolean mailAccepted;
    private boolean dotSent;

    Transaction(QueuedMail mail, List<EmailAddress> recipients) {
      this.mail = mail;
      this.recipients = recipients;
    }

    List<Outcome> run() throws IOException, HopException {
      if (isTooBig()) {
        return all(SmtpReply.of(552, "5.3.4", "Message is bigger than " + hop + " takes"));
      }
      if (needsUtf8() && !extensions.containsKey("SMTPUTF8")) {
        return all(SmtpReply.of(553, "5.6.7", hop + " takes no international addresses"));
      }
      boolean pipelining = extensions.containsKey("PIPELINING");
      socket.setSoTimeout(millis(options.command()));
      write(mailFrom());
      if (pipelining) {
        for (EmailAddress recipient : recipients) {
          write("RCPT TO:<" + recipient + ">");
        }
        write("DATA");
      }
      out.flush();
      SmtpReply toMail = replies.read();
      if (toMail.code() == 421) {
        throw new IOException("closing");
      }
      mailAccepted = toMail.code() == 250;
      stage = "at RCPT";
      for (EmailAddress recipient : recipients) {
        SmtpReply toRcpt = toMail;
        if (pipelining) {
          toRcpt = replies.read();
        } else if (mailAccepted) {
          toRcpt = command("RCPT TO:<" + recipient + ">");
        }
        toRecipient(recipient, mailAccepted ? toRcpt : toMail);
      }
      if (!pipelining && accepted.isEmpty()) {
        reset();
        return inOrder();
      }
      stage = "at DATA";
      socket.setSoTimeout(millis(options.dataStart()));
      SmtpReply toData = pipelining ? replies.read() : command("DATA");
      if (toData.code() != 354) {
        accepted.forEach(r -> outcomes.put(r, ending(r, toData)));
        reset();
        return inOrder();
      }
      stage = "while sending the message";
      sendData();
      socket.setSoTimeout(millis(options.dataEnd()));
      stage = "after the final dot";
      SmtpReply toDot = replies.read();
      accepted.forEach(r -> outcomes.put(r, ending(r, toDot)));
      if (toDot.code() == 421) {
        usable = false;
      }
      return inOrder();
    }

    private void sendData() throws IOException {
      DotStuffer data = new DotStuffer(out);
      if (!accepted.isEmpty()) {
        mail.content().writeTo(data);
      }
      data.end();
      dotSent = true;
      out.flush();
    }

    private void toRecipient(EmailAddress recipient, SmtpReply reply) {
      if (mailAccepted && (reply.code() == 250 || reply.code() == 251 || reply.code() == 252)) {
        accepted.add(recipient);
        return;
      }
      // Too many recipients is said with 552 by old servers (RFC 5321, 4.5.3.1.10).
      boolean tooMany = mailAccepted && reply.code() == 552 && recipients.size() > 1;
      outcomes.put(recipient, ending(recipient, tooMany ? Troubles.asTemporary(reply) : reply));
    }

    private Outcome ending(EmailAddress recipient, SmtpReply reply) {
      if (reply.code() / 100 == 2) {
        return new Outcome.Delivered(recipient, reply);
      }
      if (reply.isPermanent()) {
        return new Outcome.Failed(recipient, reply);
      }
      if (reply.code() == 421) {
        usable = false;
      }
      return new Outcome.Deferred(
          recipient,
          reply.isTemporary() ? reply : Troubles.refused(reply, hop, "out of order"),
          false);
    }

    private List<Outcome> all(SmtpReply reply) {
      recipients.forEach(r -> outcomes.put(r, new Outcome.Failed(r, reply)));
      return inOrder();
    }

    /** The connection was lost in the middle: who has no outcome yet is tried again. */
    List<Outcome> interrupted(SmtpReply reply) {
      boolean maybe = dotSent && !accepted.isEmpty();
      for (EmailAddress r : recipients) {
        outcomes.computeIfAbsent(
            r, x -> new Outcome.Deferred(x, reply, maybe && accepted.contains(x)));
      }
      return inOrder();
    }

    private List<Outcome> inOrder() {
      List<Outcome> list = new ArrayList<>(recipients.size());
      for (EmailAddress r : recipients) {
        Outcome outcome = outcomes.get(r);
        list.add(
            outcome != null
                ? outcome
                : new Outcome.Deferred(r, Troubles.reply("4.5.0", hop + ": no reply"), false));
      }
      return list;
    }

    /** The outcomes are known: trouble here concerns only the connection. */
    private void reset() {
      try {
        socket.setSoTimeout(millis(options.command()));
        usable &= command("RSET").code() == 250;
      } catch (IOException e) {
        usable = false;
      }
    }

    private String mailFrom() {
      StringBuilder line = new StringBuilder("MAIL FROM:<").append(mail.envelope().sender());
      line.append('>');
      if (extensions.containsKey("SIZE")) {
        line.append(" SIZE=").append(mail.content().size());
      }
      // 8-bit content for a server without 8BITMIME is sent as it is: a conversion would break
      // signatures, and no such server has been seen to mind.
      if (mail.envelope().body() == Envelope.Body.EIGHT_BIT_MIME
          && extensions.containsKey("8BITMIME")) {
        line.append(" BODY=8BITMIME");
      }
      if (needsUtf8()) {
        line.append(" SMTPUTF8");
      }
      return line.toString();
    }

    private boolean needsUtf8() {
      return mail.envelope().smtpUtf8()
          || mail.envelope().sender().address().filter(EmailAddress::isInternational).isPresent()
          || recipients.stream().anyMatch(EmailAddress::isInternational);
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

  Hop hop() {
    return hop;
  }

  /** Protocol and cipher; empty in clear text. */
  String tls() {
    return tls;
  }

  /** Whether it may be used for another mail. */
  boolean isReusable() {
    return usable && sent < options.messagesPerConnection();
  }

  boolean isFresh() {
    return sent == 0;
  }

  boolean isStale(long now) {
    return now - idleSince > options.idle().toNanos();
  }

  /** Says QUIT, without waiting for the answer. */
  @Override
  public void close() {
    try {
      if (usable) {
        write("QUIT");
        out.flush();
      }
    } catch (IOException e) {
      // it is closed anyway
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // nothing is lost
    }
  }

  private static int millis(Duration duration) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, duration.toMillis()));
  }
}
