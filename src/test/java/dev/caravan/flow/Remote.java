package dev.caravan.flow;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A remote SMTP server on loopback: replies to recipients as it is told, keeps what it gets. */
final class Remote implements AutoCloseable {
  private final List<String> commands = java.util.Collections.synchronizedList(new ArrayList<>());
  private volatile String offer = "";

  /** One message as it came, dot-unstuffed. */
  record Received(String from, List<String> to, byte[] data) {
    String text() {
      return new String(data, StandardCharsets.UTF_8);
    }
  }

  private final ServerSocket server;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private volatile Function<String, String> rcpt = address -> "250 2.1.5 Ok";
  private volatile Optional<SSLContext> tls = Optional.empty();

  Remote() {
    this("127.0.0.1", 0);
  }

  /** On an address and a port that others of this machine agree on. */
  Remote(String address, int port) {
    try {
      server = new ServerSocket(port, 100, InetAddress.ofLiteral(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** What RCPT TO is answered with, by address. */
  void answers(Function<String, String> reply) {
    rcpt = reply;
  }

  /** The next message, within a generous time. */
  Received take() throws InterruptedException {
    Received next = received.poll(60, java.util.concurrent.TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no message came within 60 s");
    }
    return next;
  }

  BlockingQueue<Received> received() {
    return received;
  }

  /** Offers STARTTLS from now on, with this certificate. */
  void offerTls(SSLContext context) {
    tls = Optional.of(context);
  }

  /** Offers DSN from now on, and remembers the commands it hears. */
  void offerDsn() {
    offer = "250-DSN\r\n";
  }

  /** MAIL and RCPT as they came. */
  List<String> commands() {
    return commands;
  }

  private void accept() {
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
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      Optional<SSLContext> offered = tls;
      say(out, "220 remote.example ESMTP");
      String from = "";
      List<String> to = new ArrayList<>();
      while (true) {
        String line = line(in);
        String verb =
            line.length() < 4 ? line : line.substring(0, 4).toUpperCase(java.util.Locale.ROOT);
        switch (verb) {
          case "EHLO" ->
              say(
                  out,
                  "250-remote.example\r\n250-PIPELINING\r\n"
                      + (offered.isPresent() ? "250-STARTTLS\r\n" : "")
                      + offer
                      + "250 8BITMIME");
          case "STAR" -> {
            say(out, "220 2.0.0 Go on");
            SSLSocket encrypted =
                (SSLSocket)
                    offered
                        .orElseThrow()
                        .getSocketFactory()
                        .createSocket(socket, "127.0.0.1", socket.getPort(), true);
            encrypted.setUseClientMode(false);
            encrypted.startHandshake();
            in = new BufferedInputStream(encrypted.getInputStream());
            out = encrypted.getOutputStream();
            commands.add("(TLS)");
          }
          case "MAIL" -> {
            commands.add(line);
            from = address(line);
            to.clear();
            say(out, "250 2.1.0 Ok");
          }
          case "RCPT" -> {
            commands.add(line);
            String reply = rcpt.apply(address(line));
            if (reply.startsWith("2")) {
              to.add(address(line));
            }
            say(out, reply);
          }
          case "DATA" -> {
            if (to.isEmpty()) {
              say(out, "554 5.5.1 No valid recipients");
            } else {
              say(out, "354 Go on");
              received.add(new Received(from, List.copyOf(to), data(in)));
              say(out, "250 2.0.0 Ok");
            }
          }
          case "RSET" -> say(out, "250 2.0.0 Ok");
          case "QUIT" -> {
            say(out, "221 2.0.0 Bye");
            return;
          }
          default -> say(out, "500 5.5.1 What?");
        }
      }
    } catch (IOException e) {
      // the client has gone
    }
  }

  private static String address(String line) {
    return line.substring(line.indexOf('<') + 1, line.indexOf('>'));
  }

  private static byte[] data(InputStream in) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    while (true) {
      String line = line(in);
      if (line.equals(".")) {
        return data.toByteArray();
      }
      String unstuffed = line.startsWith(".") ? line.substring(1) : line;
      data.writeBytes((unstuffed + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("closed");
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static void say(OutputStream out, String reply) throws IOException {
    out.write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
