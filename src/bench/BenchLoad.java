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
  private static final String TEXT =
      "From: a@client.example\r\nSubject: load\r\n\r\n" + ("x".repeat(78) + "\r\n").repeat(25);

  private BenchLoad() {}

  /**
   * Returns when all are accepted.
   *
   * @param site of each mail, by its number from 0
   */
  static void send(int port, int mails, int clients, IntUnaryOperator site) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Exception> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < clients; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                  talk(socket, next, mails, site);
                } catch (IOException e) {
                  failures.add(e);
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

  private static void talk(Socket socket, AtomicInteger next, int mails, IntUnaryOperator site)
      throws IOException {
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    expect(in, "220");
    say(out, "EHLO client.example\r\n");
    expect(in, "250");
    for (int n = next.getAndIncrement(); n < mails; n = next.getAndIncrement()) {
      say(
          out,
          "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@s"
              + site.applyAsInt(n)
              + ".example>\r\nDATA\r\n");
      expect(in, "250");
      expect(in, "250");
      expect(in, "354");
      say(out, TEXT + ".\r\n");
      expect(in, "250");
    }
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void expect(InputStream in, String code) throws IOException {
    StringBuilder line = new StringBuilder();
    do {
      line.setLength(0);
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new IOException("closed");
        }
        line.append((char) b);
      }
    } while (line.length() > 3 && line.charAt(3) == '-');
    if (line.indexOf(code) != 0) {
      throw new IOException("instead of " + code + ": " + line);
    }
  }
}
