package dev.caravan.ops.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLContext;

/** Takes every mail, at one or several addresses of this machine with the same port. */
final class Sink implements AutoCloseable {
  private static final int BACKLOG = 4_096;

  private final List<ServerSocket> servers = new ArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Optional<SSLContext> tls;
  private final LongConsumer arrived;

  /**
   * @param port 0 = a free one
   * @param sites how many addresses; all of 127.0.0.0/8 must be of this machine for more than one
   * @param arrived hears the number of each message when its end has come
   */
  Sink(int port, int sites, Optional<SSLContext> tls, LongConsumer arrived) throws IOException {
    this.tls = tls;
    this.arrived = arrived;
    for (int site = 0; site < sites; site++) {
      ServerSocket server =
          new ServerSocket(site == 0 ? port : port(), BACKLOG, InetAddress.ofLiteral(host(site)));
      servers.add(server);
      Thread.ofVirtual().name("sink").start(() -> accept(server));
    }
  }

  /** The address of a site, from 0. */
  static String host(int site) {
    return "127.0." + site / 250 + "." + (site % 250 + 1);
  }

  int port() {
    return servers.getFirst().getLocalPort();
  }

  private void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().name("sink-session").start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        Wire wire = new Wire(socket)) {
      StringBuilder replies = new StringBuilder("220 sink.example ESMTP\r\n");
      boolean goesOn = true;
      while (goesOn) {
        if (!wire.hasMore()) {
          wire.write(replies.toString());
          replies.setLength(0);
        }
        String line = wire.line();
        String verb = line.length() < 4 ? line : line.substring(0, 4);
        switch (verb) {
          case "EHLO" ->
              replies
                  .append("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n")
                  .append(tls.isPresent() ? "250-STARTTLS\r\n" : "")
                  .append("250 SIZE 0\r\n");
          case "DATA" -> {
            wire.write(replies.append("354 go on\r\n").toString());
            replies.setLength(0);
            arrived.accept(wire.message());
            replies.append("250 2.0.0 taken\r\n");
          }
          case "STAR" -> {
            wire.write("220 2.0.0 go on\r\n");
            wire.encrypt(tls.orElseThrow(), false);
          }
          case "QUIT" -> {
            wire.write(replies.append("221 2.0.0 bye\r\n").toString());
            goesOn = false;
          }
          case "" -> goesOn = false;
          default -> replies.append("250 2.0.0 ok\r\n");
        }
      }
    } catch (IOException e) {
      // The gateway has gone: nothing to be done, and what did not arrive is not counted.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket server : servers) {
      server.close();
    }
    for (Socket socket : open) {
      socket.close();
    }
  }
}
