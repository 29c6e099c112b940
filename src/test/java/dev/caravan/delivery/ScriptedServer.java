package dev.caravan.delivery;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server on loopback that follows a script, one for each connection in turn. The lines of a
 * script:
 *
 * <pre>
 *   S 220 text      says this line
 *   C MAIL          reads a line, which must begin so
 *   D               reads a message up to its final dot
 *   B 5             reads a chunk of so many octets
 *   R               speaks no lines any more: waits for the client to go
 *   TLS             begins TLS
 *   BREAK           answers a TLS handshake with nonsense
 *   DRIP            says one octet after the other, for ever
 *   DEAF            never reads again
 *   CLOSE           closes at once
 * </pre>
 *
 * At the end of a script it reads what comes until the client has gone. A client that does not
 * follow the script is noted in {@link #surprises} and cut off.
 */
final class ScriptedServer implements AutoCloseable {
  private final ServerSocket server;
  private final Queue<List<String>> scripts = new ConcurrentLinkedQueue<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<byte[]> messages = new CopyOnWriteArrayList<>();
  private final List<String> surprises = new CopyOnWriteArrayList<>();
  private final List<String> peers = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final @Nullable SSLContext tls;

  private ScriptedServer(@Nullable SSLContext tls, InetAddress address, int port)
      throws IOException {
    this.tls = tls;
    server = new ServerSocket(port, 50, address);
    Thread.startVirtualThread(this::accept);
  }

  static ScriptedServer start(String... scripts) throws IOException {
    return new ScriptedServer(null, InetAddress.getLoopbackAddress(), 0).then(scripts);
  }

  static ScriptedServer startWithTls(SSLContext tls, String... scripts) throws IOException {
    return new ScriptedServer(tls, InetAddress.getLoopbackAddress(), 0).then(scripts);
  }

  /** At another address of the loopback network, such as 127.0.0.2. */
  static ScriptedServer startAt(String address, int port, String... scripts) throws IOException {
    return new ScriptedServer(null, InetAddress.ofLiteral(address), port).then(scripts);
  }

  static ScriptedServer startWithTls(SSLContext tls, String address, int port, String... scripts)
      throws IOException {
    return new ScriptedServer(tls, InetAddress.ofLiteral(address), port).then(scripts);
  }

  ScriptedServer then(String... more) {
    for (String script : more) {
      scripts.add(script.lines().filter(line -> !line.isBlank()).toList());
    }
    return this;
  }

  int port() {
    return server.getLocalPort();
  }

  /** Every line that a client said, in order; {@code --} before each connection. */
  List<String> heard() {
    return List.copyOf(heard);
  }

  /** The messages as they came over the wire, with the final dot. */
  List<String> messages() {
    return messages.stream().map(m -> new String(m, StandardCharsets.ISO_8859_1)).toList();
  }

  List<String> surprises() {
    return List.copyOf(surprises);
  }

  /** The address that each connection came from. */
  List<String> peers() {
    return List.copyOf(peers);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        peers.add(socket.getInetAddress().getHostAddress());
        heard.add("--");
        List<String> script = scripts.poll();
        if (script == null) {
          surprises.add("a connection that no script is for");
          socket.close();
        } else {
          Thread.startVirtualThread(() -> new Session(socket).follow(script));
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  private final class Session {
    private Socket socket;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();

    Session(Socket socket) {
      this.socket = socket;
    }

    void follow(List<String> script) {
      try {
        if (!script.getFirst().equals("TLS")) {
          streams();
        }
        for (String step : script) {
          step(step);
        }
        while (true) {
          heard.add(line());
        }
      } catch (IOException | InterruptedException e) {
        // the client has gone, or the script ended so
      } finally {
        close(socket);
      }
    }

    private void streams() throws IOException {
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    private void step(String step) throws IOException, InterruptedException {
      String argument = step.length() > 2 ? step.substring(2) : "";
      switch (step.split(" ")[0]) {
        case "S" -> say(argument + "\r\n");
        case "C" -> {
          String line = line();
          heard.add(line);
          if (!line.startsWith(argument)) {
            surprises.add("wanted " + argument + ", got " + line);
            throw new IOException("surprised");
          }
        }
        case "D" -> messages.add(message());
        case "B" -> messages.add(in.readNBytes(Integer.parseInt(argument)));
        case "R" -> {
          while (in.read() >= 0) {
            // waits for the client to go
          }
        }
        case "TLS" -> encrypt();
        case "BREAK" -> say("this is no TLS at all\r\n");
        case "DRIP" -> {
          while (true) {
            say("2");
            Thread.sleep(5);
          }
        }
        case "DEAF" -> Thread.sleep(Long.MAX_VALUE);
        case "CLOSE" -> throw new EOFException("as the script says");
        default -> throw new IllegalArgumentException(step);
      }
    }

    private void say(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    private void encrypt() throws IOException {
      if (tls == null) {
        throw new IllegalStateException("no certificate");
      }
      SSLSocket encrypted =
          (SSLSocket)
              tls.getSocketFactory()
                  .createSocket(
                      socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
      encrypted.setUseClientMode(false);
      encrypted.startHandshake();
      socket = encrypted;
      streams();
      heard.add("(TLS)");
    }

    private byte[] message() throws IOException {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      String end = "";
      while (!end.equals("\r\n.\r\n")) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("in the message");
        }
        data.write(b);
        end = (end.isEmpty() ? "\r\n" : end) + (char) b;
        end = end.substring(Math.max(0, end.length() - 5));
      }
      return data.toByteArray();
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new EOFException("closed");
        }
        line.write(b);
      }
      return line.toString(StandardCharsets.ISO_8859_1).replace("\r", "");
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(ScriptedServer::close);
  }
}
