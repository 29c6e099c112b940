import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/** Clients that send as fast as they are answered. */
final class BenchLoad {
  private static final String HEADER = "From: a@client.example\r\nSubject: load\r\n\r\n";
  private static final String LINE = "x".repeat(78) + "\r\n";
  private static final int OCTETS = 2_000;

  /** More than any answer takes of a server that is well. */
  private static final int ANSWER_MILLIS_MAX = 120_000;

  private BenchLoad() {}

  /**
   * Returns when all are accepted.
   *
   * @param site of each mail, by its number from 0
   */
  static void send(int port, int mails, int clients, IntUnaryOperator site) throws Exception {
    send(port, mails, clients, site, OCTETS, Integer.MAX_VALUE);
  }

  /**
   * The same.
   *
   * @param octets of each mail, about
   * @param perConnection mails of one connection
   */
  static void send(
      int port, int mails, int clients, IntUnaryOperator site, int octets, int perConnection)
      throws Exception {
    byte[] text =
        (HEADER + LINE.repeat(octets / LINE.length()) + ".\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    AtomicInteger next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Exception> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < clients; i++) {
      threads.add(
          // What waits for a socket costs less of the shared processors so than on a virtual
          // thread.
          Thread.ofPlatform()
              .start(
                  () -> {
                    boolean more = true;
                    while (more) {
                      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        more = talk(socket, next, mails, site, text, perConnection);
                      } catch (IOException e) {
                        failures.add(e);
                        more = false;
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  /** Whether more are to be sent on another connection. */
  private static boolean talk(
      Socket socket,
      AtomicInteger next,
      int mails,
      IntUnaryOperator site,
      byte[] text,
      int perConnection)
      throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(ANSWER_MILLIS_MAX);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    BenchWire.expect("220", BenchWire.reply(in));
    say(out, "EHLO client.example\r\n");
    BenchWire.expect("250", BenchWire.reply(in));
    for (int sent = 0; sent < perConnection; sent++) {
      int n = next.getAndIncrement();
      if (n >= mails) {
        return false;
      }
      say(
          out,
          "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@s"
              + site.applyAsInt(n)
              + ".example>\r\nDATA\r\n");
      BenchWire.expect("250", BenchWire.reply(in));
      BenchWire.expect("250", BenchWire.reply(in));
      BenchWire.expect("354", BenchWire.reply(in));
      out.write(text);
      BenchWire.expect("250", BenchWire.reply(in));
    }
    say(out, "QUIT\r\n");
    BenchWire.expect("221", BenchWire.reply(in));
    return true;
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
