import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** The server of one site; it tells when each message came, by its own clock. */
final class BenchSink implements AutoCloseable {
  private final ServerSocket server;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** When messages came, in nanoseconds. */
  final ConcurrentLinkedQueue<Long> times = new ConcurrentLinkedQueue<>();

  final AtomicInteger messages = new AtomicInteger();

  /** The greeting, by how many are connected. */
  volatile IntFunction<String> greeting = open -> "220 sink.example ESMTP";

  /** How long an answer to a message takes. */
  volatile long millis;

  /** Between two octets of what it says; 0 = all at once. */
  volatile long octetMillis;

  BenchSink(int site, int port) throws IOException {
    server = new ServerSocket(port, 1000, BenchDns.address(site));
    Thread.ofPlatform().daemon().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  int open() {
    return open.get();
  }

  int connections() {
    return connections.get();
  }

  /** Ends all connections. */
  void closeAll() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        sockets.add(socket);
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    String hello = greeting.apply(open.incrementAndGet());
    try (socket) {
      socket.setTcpNoDelay(true);
      PushbackInputStream in =
          new PushbackInputStream(new BufferedInputStream(socket.getInputStream()), BenchWire.PART);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream());
      say(out, in, hello);
      while (hello.startsWith("2")) {
        String line = BenchWire.line(in);
        String verb = line.length() < 4 ? line : line.substring(0, 4);
        switch (verb) {
          case "EHLO" -> say(out, in, "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME");
          case "DATA" -> {
            say(out, in, "354 Go on");
            BenchWire.skipMessage(in);
            if (millis > 0) {
              Thread.sleep(millis);
            }
            times.add(System.nanoTime());
            messages.incrementAndGet();
            say(out, in, "250 2.0.0 Ok");
          }
          case "QUIT" -> {
            say(out, in, "221 2.0.0 Bye");
            return;
          }
          default -> say(out, in, "250 2.0.0 Ok");
        }
      }
    } catch (IOException | InterruptedException e) {
      // it has gone
    } finally {
      open.decrementAndGet();
      sockets.remove(socket);
    }
  }

  private void say(OutputStream out, InputStream in, String text)
      throws IOException, InterruptedException {
    byte[] octets = (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    if (octetMillis == 0) {
      out.write(octets);
      if (in.available() == 0) {
        out.flush();
      }
      return;
    }
    for (byte octet : octets) {
      out.write(octet);
      out.flush();
      Thread.sleep(octetMillis);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
