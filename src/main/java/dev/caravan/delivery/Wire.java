package dev.caravan.delivery;

import dev.caravan.delivery.tls.TlsClient;
import dev.caravan.delivery.tls.TlsTrouble;
import dev.caravan.mail.SmtpReply;
import dev.caravan.smtp.ReplyReader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/**
 * Lines out, replies in, over a socket. Blocking; used by one thread at a time, except for {@link
 * #endIfOverdue}.
 *
 * <p>Everything has an end: a reply that does not come, or one octet at a time, and a server that
 * no longer reads are noticed by the {@link Watchdog}. A timeout of the socket would set a timer
 * for each reply, and wake its thread twice.
 */
final class Wire implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final int READ_BUFFER = 4 * 1024;

  private final Watchdog watchdog;
  private final Duration block;
  private final Socket raw = new Socket();
  private Socket socket = raw;
  private InputStream in = InputStream.nullInputStream();
  private ReplyReader replies = new ReplyReader(in);
  private OutputStream out = OutputStream.nullOutputStream();
  private String tls = "";
  private Optional<TlsTrouble> flaw = Optional.empty();
  private Transcript transcript = Transcript.EMPTY;

  /** When it is overdue, in {@link System#nanoTime}; 0 while nothing is waited for. */
  private volatile long overdueAt;

  private volatile boolean ended;

  /**
   * @param block how long a server may take to read one block of what we send
   */
  Wire(Watchdog watchdog, Duration block) {
    this.watchdog = watchdog;
    this.block = block;
  }

  /** Where from now on everything is written down. */
  void record(Transcript to) {
    transcript = to;
  }

  /** Writes a fact down. */
  void fact(String text, Object about) {
    transcript.fact(text, about);
  }

  /**
   * Connects.
   *
   * @param from the local address; empty = any
   */
  void connect(Optional<InetAddress> from, InetSocketAddress address, Duration limit)
      throws IOException {
    raw.setTcpNoDelay(true);
    if (from.isPresent()) {
      try {
        raw.bind(new InetSocketAddress(from.get(), 0));
      } catch (IOException e) {
        throw new NotOursException(e);
      }
    }
    raw.connect(address, millis(limit));
    watchdog.watch(this);
    streams();
  }

  /** Encrypts; nothing that came before the handshake survives it. */
  void encrypt(TlsClient client, Hop hop, Duration limit) throws IOException {
    waitFor(limit);
    try {
      SSLSocket encrypted = client.encrypt(socket, hop.serverName(), hop.port(), hop.check());
      socket = encrypted;
      tls = encrypted.getSession().getProtocol() + " " + encrypted.getSession().getCipherSuite();
      flaw = hop.expected().audit().flatMap(audit -> client.audit(encrypted, audit));
      transcript.fact("", tls);
    } catch (IOException e) {
      throw explained(e);
    } finally {
      overdueAt = 0;
    }
    streams();
  }

  private void streams() throws IOException {
    in = new BufferedInputStream(socket.getInputStream(), READ_BUFFER);
    replies = new ReplyReader(in);
    out = new BufferedOutputStream(new Timed(socket.getOutputStream()), BUFFER);
  }

  /** Protocol and cipher; empty in clear text. */
  String tls() {
    return tls;
  }

  /** What a policy that is only tested says against the server's certificate. */
  Optional<TlsTrouble> flaw() {
    return flaw;
  }

  /** Sends a command, waits for its reply. */
  SmtpReply command(String line, Duration limit) throws IOException {
    write(line);
    return read(limit);
  }

  /** Sends a command with what is sent next. */
  void write(String line) throws IOException {
    transcript.command(line);
    send(line);
  }

  /**
   * As {@link #command}, for a line with a secret.
   *
   * @param shown what is written down instead
   */
  SmtpReply secret(String line, String shown, Duration limit) throws IOException {
    transcript.command(shown);
    send(line);
    return read(limit);
  }

  private void send(String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }

  /**
   * For the message; it leaves at the next {@link #read} at the latest.
   *
   * @param octets that will be written, as far as is known
   */
  OutputStream data(long octets) {
    transcript.octets(octets);
    return out;
  }

  void flush() throws IOException {
    out.flush();
  }

  /** The next reply, which must be there as a whole within the limit. */
  SmtpReply read(Duration limit) throws IOException {
    out.flush();
    waitFor(limit);
    try {
      SmtpReply reply = replies.read();
      transcript.reply(reply);
      return reply;
    } catch (IOException e) {
      throw explained(e);
    } finally {
      overdueAt = 0;
    }
  }

  /** Whether the server has said nothing that we did not ask for, such as "421, idle too long". */
  boolean isQuiet() {
    try {
      return in.available() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void waitFor(Duration limit) {
    // 0 means that nothing is waited for.
    overdueAt = (System.nanoTime() + limit.toNanos()) | 1;
  }

  /** The local address can't be bound. */
  static final class NotOursException extends IOException {
    private static final long serialVersionUID = 1L;

    NotOursException(IOException cause) {
      super(cause);
    }
  }

  /** Called by the watchdog: closes the socket under whoever waits too long for it. */
  void endIfOverdue(long now) {
    long due = overdueAt;
    if (due != 0 && now - due > 0) {
      ended = true;
      closeQuietly(raw);
    }
  }

  private IOException explained(IOException e) {
    return ended ? new SocketTimeoutException("the server was too slow") : e;
  }

  @Override
  public void close() {
    waitFor(block);
    closeQuietly(socket);
    closeQuietly(raw);
    watchdog.forget(this);
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

  /** Each block must be read by the server in time. */
  private final class Timed extends OutputStream {
    private final OutputStream to;

    Timed(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int count) throws IOException {
      waitFor(block);
      try {
        to.write(octets, offset, count);
      } catch (IOException e) {
        throw explained(e);
      } finally {
        overdueAt = 0;
      }
    }

    @Override
    public void flush() throws IOException {
      to.flush();
    }
  }
}
