import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The servers of all sites of a soak. They do to each mail what its number says. */
final class SoakSink implements AutoCloseable {
  /** Longer than the gateway waits. */
  private static final int HANG_MILLIS = 60_000;

  /** Longer than the gateway keeps a connection. */
  private static final int IDLE_MILLIS = 600_000;

  private final List<ServerSocket> servers = new ArrayList<>();
  private final SoakLedger ledger;

  /** A mail within a connection. */
  private record Transaction(SoakMail mail, boolean report, SoakMail.Server deed) {}

  SoakSink(SoakLedger ledger) throws IOException {
    this.ledger = ledger;
    int port = 0;
    for (int site = 1; site <= SoakMail.REPORT_SITE; site++) {
      ServerSocket server = new ServerSocket(port, 1000, BenchDns.address(site));
      port = server.getLocalPort();
      servers.add(server);
      Thread.ofPlatform().daemon().start(() -> accept(server));
    }
  }

  int port() {
    return servers.getFirst().getLocalPort();
  }

  private void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(IDLE_MILLIS);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 32 << 10);
      OutputStream out = socket.getOutputStream();
      say(out, "220 sink.example ESMTP");
      boolean report = false;
      Transaction now = null;
      while (true) {
        String line = BenchWire.line(in);
        switch (line.substring(0, Math.min(4, line.length()))) {
          case "EHLO" -> say(out, "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME");
          case "MAIL" -> {
            report = line.startsWith("MAIL FROM:<>");
            now = null;
            say(out, "250 2.1.0 Ok");
          }
          case "RCPT" -> {
            Transaction begun = begin(line, report);
            now = recipient(begun, in, out) ? begun : null;
          }
          case "DATA" -> {
            if (now == null) {
              say(out, "503 5.5.1 No recipient");
            } else {
              say(out, "354 Go on");
              message(now, lines(in), out);
            }
          }
          case "QUIT" -> {
            say(out, "221 2.0.0 Bye");
            return;
          }
          default -> say(out, "250 2.0.0 Ok");
        }
      }
    } catch (IOException e) {
      // it has gone, or was cut off
    }
  }

  private Transaction begin(String rcpt, boolean report) {
    SoakMail mail =
        new SoakMail(
            Integer.parseInt(rcpt.substring(rcpt.indexOf("<m") + 2, rcpt.indexOf('@')), 10));
    if (report) {
      return new Transaction(mail, true, SoakMail.Server.TAKES);
    }
    boolean first = ledger.first(mail.number());
    SoakMail.Server deed = mail.server();
    return new Transaction(mail, false, deed.once() && !first ? SoakMail.Server.TAKES : deed);
  }

  /** Whether it may come. */
  private static boolean recipient(Transaction now, InputStream in, OutputStream out)
      throws IOException {
    switch (now.deed()) {
      case DEFERS_RECIPIENT -> say(out, "450 4.2.0 Not now");
      case REFUSES_RECIPIENT -> say(out, "550 5.1.1 No such user");
      case CUTS -> throw new IOException("cut off");
      case HANGS -> hang(in);
      case TAKES, DEFERS_MESSAGE, REFUSES_MESSAGE, CUTS_WITH_MESSAGE -> {
        say(out, "250 2.1.5 Ok");
        return true;
      }
    }
    return false;
  }

  /** Until the other one has had enough; DATA may be there already. */
  private static void hang(InputStream in) throws IOException {
    long end = System.nanoTime() + HANG_MILLIS * 1_000_000L;
    while (in.read() >= 0 && System.nanoTime() < end) {
      // nothing is said
    }
    throw new IOException("hung up");
  }

  private void message(Transaction now, int lines, OutputStream out) throws IOException {
    int number = now.mail().number();
    if (now.report()) {
      ledger.bounced(number);
      say(out, "250 2.0.0 Ok");
      return;
    }
    boolean whole = lines == now.mail().lines();
    switch (now.deed()) {
      case DEFERS_MESSAGE -> say(out, "452 4.3.1 Not now");
      case REFUSES_MESSAGE -> say(out, "554 5.7.1 Not here");
      case CUTS_WITH_MESSAGE -> {
        ledger.delivered(number, whole, false);
        throw new IOException("cut off");
      }
      case TAKES, DEFERS_RECIPIENT, REFUSES_RECIPIENT, CUTS, HANGS -> {
        ledger.delivered(number, whole, true);
        say(out, "250 2.0.0 Ok");
      }
    }
  }

  /** Reads a message; the lines of its body. */
  private static int lines(InputStream in) throws IOException {
    int lines = -1;
    for (String line = BenchWire.line(in); !line.equals("."); line = BenchWire.line(in)) {
      if (lines >= 0 || line.isEmpty()) {
        lines++;
      }
    }
    return lines;
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket server : servers) {
      server.close();
    }
  }
}
