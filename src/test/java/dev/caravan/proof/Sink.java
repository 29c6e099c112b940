package dev.caravan.proof;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** The server that everything is delivered to. It enters what arrives, and can be in a bad mood. */
final class Sink implements AutoCloseable {
  /** What it is about to answer. */
  enum Stage {
    GREETING,
    EHLO,
    MAIL,
    RCPT,
    DATA,
    DOT
  }

  /** How. */
  enum Deed {
    SERVE,
    HANG,
    DROP,
    GARBAGE
  }

  /** Decides it. */
  interface Mood {
    Deed at(Stage stage);
  }

  /** Milliseconds that it takes at most to say that it has a message; so some are always open. */
  private static final int THOUGHT_MAX_MS = 30;

  /** How long our commit may take after that, on a busy machine: it is in flight so long. */
  private static final long COMMIT_NANOS = 1_000_000_000;

  /** What caravan.site.concurrency is, and as many again that wait for their commit. */
  static final int AT_ONCE_MAX = 40;

  private static final int REMEMBERED_MAX = 5_000;

  private final ServerSocket server;
  private final Ledger ledger;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Deque<Delivery> deliveries = new ConcurrentLinkedDeque<>();
  private final AtomicInteger deeds = new AtomicInteger();
  private final AtomicInteger healed = new AtomicInteger();
  private final AtomicInteger unconfirmed = new AtomicInteger();
  private volatile Mood mood = stage -> Deed.SERVE;

  /** From MAIL until it was answered, or the connection has gone. */
  private static final class Delivery {
    private final String client;
    private final long begun = System.nanoTime();
    private volatile long ended;

    Delivery(String client) {
      this.client = client;
    }
  }

  Sink(Ledger ledger) throws IOException {
    this.ledger = ledger;
    server = new ServerSocket(0, 1000, InetAddress.ofLiteral("127.0.0.1"));
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void be(Mood now) {
    mood = now;
  }

  /** Is good again; who was kept waiting is cut off. */
  void heal() throws IOException {
    mood = stage -> Deed.SERVE;
    healed.incrementAndGet();
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Times that it did not do its duty. */
  int deeds() {
    return deeds.get();
  }

  /** Messages that it has and did not say so: each will come again. */
  int unconfirmed() {
    return unconfirmed.get();
  }

  /**
   * Deliveries that were not over at this instant, or so shortly that they may not be committed.
   */
  int inFlight(long instant) {
    return inFlight(instant, "");
  }

  /**
   * The same of one client.
   *
   * @param client what it calls itself; empty = any
   */
  int inFlight(long instant, String client) {
    return inFlight(instant, instant, client);
  }

  /**
   * The same of a client that begins deliveries after that instant too, until it has noticed what
   * happened.
   */
  int inFlight(long instant, long noticed, String client) {
    return (int)
        deliveries.stream()
            .filter(d -> client.isEmpty() || d.client.equals(client))
            .filter(d -> d.begun - noticed <= 0)
            .filter(d -> d.ended == 0 || instant - d.ended < COMMIT_NANOS)
            .limit(AT_ONCE_MAX)
            .count();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    Delivery delivery = null;
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      say(Stage.GREETING, out, "220 remote.example ESMTP");
      String from = "";
      String client = "";
      while (true) {
        String line = line(in);
        String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
        switch (verb) {
          case "EHLO" -> {
            client = line.substring(verb.length()).strip();
            say(Stage.EHLO, out, "250-remote.example\r\n250-PIPELINING\r\n250 8BITMIME");
          }
          case "MAIL" -> {
            from = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
            delivery = begin(client);
            say(Stage.MAIL, out, "250 2.1.0 Ok");
          }
          case "RCPT" -> say(Stage.RCPT, out, "250 2.1.5 Ok");
          case "DATA" -> {
            say(Stage.DATA, out, "354 Go on");
            Letter.arrived(from, data(in), ledger);
            Thread.sleep(ThreadLocalRandom.current().nextInt(THOUGHT_MAX_MS));
            unconfirmed.incrementAndGet();
            say(Stage.DOT, out, "250 2.0.0 Ok");
            unconfirmed.decrementAndGet();
            if (delivery != null) {
              delivery.ended = System.nanoTime();
            }
          }
          case "RSET", "NOOP" -> out.write("250 2.0.0 Ok\r\n".getBytes(StandardCharsets.US_ASCII));
          case "QUIT" -> {
            out.write("221 2.0.0 Bye\r\n".getBytes(StandardCharsets.US_ASCII));
            return;
          }
          default -> out.write("500 5.5.1 What?\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      // the client has gone, or we dropped it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (delivery != null && delivery.ended == 0) {
        delivery.ended = System.nanoTime();
      }
      open.remove(socket);
    }
  }

  private Delivery begin(String client) {
    Delivery delivery = new Delivery(client);
    deliveries.add(delivery);
    if (deliveries.size() > REMEMBERED_MAX) {
      deliveries.poll();
    }
    return delivery;
  }

  /** Does its duty, or what its mood says; then this connection is of no more use. */
  private void say(Stage stage, OutputStream out, String reply)
      throws IOException, InterruptedException {
    Deed deed = mood.at(stage);
    if (deed != Deed.SERVE) {
      deeds.incrementAndGet();
    }
    switch (deed) {
      case SERVE -> out.write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
      case DROP -> throw new IOException("dropped");
      case HANG -> {
        int healings = healed.get();
        while (healed.get() == healings) {
          Thread.sleep(20);
        }
        throw new IOException("healed");
      }
      case GARBAGE -> {
        byte[] garbage = new byte[ThreadLocalRandom.current().nextInt(1, 200)];
        ThreadLocalRandom.current().nextBytes(garbage);
        out.write(garbage);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        throw new IOException("nothing sensible follows");
      }
    }
  }

  private static String data(InputStream in) throws IOException {
    StringBuilder data = new StringBuilder();
    while (true) {
      String line = line(in);
      if (line.equals(".")) {
        return data.toString();
      }
      data.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
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

  @Override
  public void close() throws IOException {
    server.close();
    heal();
  }
}
