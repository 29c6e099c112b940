package dev.caravan.flow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A remote SMTP server on loopback that only counts, by its own clock. */
final class CountingRemote implements AutoCloseable {
  private final ServerSocket server;
  private final List<Long> connected = new CopyOnWriteArrayList<>();
  private final List<Long> delivered = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Map<String, Integer> froms = new ConcurrentHashMap<>();
  private volatile String greeting = "220 remote.example ESMTP";

  CountingRemote(String address, int port) {
    try {
      server = new ServerSocket(port, 1000, InetAddress.ofLiteral(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** From now on everybody is sent away with this. */
  void refuses(String reply) {
    greeting = reply;
  }

  /** What a client from this address hears to this command from now on; empty = as usual. */
  void answers(String peer, String verb, String reply) {
    answers.put(peer + " " + verb, reply);
  }

  /** How many messages have come from which address. */
  Map<String, Integer> deliveredFrom() {
    return new TreeMap<>(froms);
  }

  void welcomes() {
    mostOpen.set(0);
    greeting = "220 remote.example ESMTP";
  }

  /** When there was a connection, in nanoseconds. */
  List<Long> connected() {
    return List.copyOf(connected);
  }

  /** When a message had come, in nanoseconds. */
  List<Long> delivered() {
    synchronized (delivered) {
      return List.copyOf(delivered);
    }
  }

  /** How many were connected at the same time at most, since it welcomes. */
  int mostOpen() {
    return mostOpen.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connected.add(System.nanoTime());
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    try (socket) {
      socket.setTcpNoDelay(true);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      String peer = socket.getInetAddress().getHostAddress();
      String hello = greeting;
      say(out, hello);
      while (hello.startsWith("2")) {
        String line = in.readLine();
        if (line == null) {
          return;
        }
        String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
        String answer = answers.getOrDefault(peer + " " + verb, "");
        if (!answer.isEmpty()) {
          say(out, answer);
          if (answer.startsWith("421")) {
            return;
          }
          continue;
        }
        switch (verb) {
          case "EHLO" -> say(out, "250-remote.example\r\n250 PIPELINING");
          case "DATA" -> {
            say(out, "354 Go on");
            for (String text = in.readLine(); !".".equals(text); text = in.readLine()) {
              if (text == null) {
                return;
              }
            }
            froms.merge(peer, 1, Integer::sum);
            delivered.add(System.nanoTime());
            say(out, "250 2.0.0 Ok");
          }
          case "QUIT" -> {
            say(out, "221 2.0.0 Bye");
            return;
          }
          default -> say(out, "250 2.0.0 Ok");
        }
      }
    } catch (IOException e) {
      // the client has gone
    } finally {
      open.decrementAndGet();
    }
  }

  private static void say(OutputStream out, String reply) throws IOException {
    out.write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
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
