package dev.caravan.ops.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;

/** Clients that send mails over SMTP. */
final class Load {
  private final InetSocketAddress server;
  private final Plan plan;
  private final Optional<Double> rate;
  private final Optional<SSLContext> tls;
  private final Messages messages = new Messages();
  private final Marks marks;

  /**
   * @param rate mails a second that are offered; empty = as fast as they are answered
   */
  Load(
      InetSocketAddress server,
      Plan plan,
      Optional<Double> rate,
      Optional<SSLContext> tls,
      Marks marks) {
    this.server = server;
    this.plan = plan;
    this.rate = rate;
    this.tls = tls;
    this.marks = marks;
  }

  /**
   * Sends so many, numbered from {@code first}; returns when all are accepted.
   *
   * @throws IOException when one was not
   */
  void send(int first, int count) throws IOException, InterruptedException {
    AtomicInteger next = new AtomicInteger();
    ConcurrentLinkedQueue<IOException> failures = new ConcurrentLinkedQueue<>();
    long start = System.nanoTime();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < plan.sessions(); i++) {
      clients.add(
          Thread.ofVirtual()
              .name("client-" + i)
              .start(
                  () -> {
                    try {
                      client(next, first, count, start);
                    } catch (IOException e) {
                      failures.add(e);
                      next.set(count); // the others need not go on
                    }
                  }));
    }
    for (Thread client : clients) {
      client.join();
    }
    IOException failure = failures.peek();
    if (failure != null) {
      throw failure;
    }
  }

  private void client(AtomicInteger next, int first, int count, long start) throws IOException {
    int number = next.getAndIncrement();
    while (number < count) {
      try (Wire wire = connect()) {
        int sent = 0;
        while (number < count && (plan.perConnection() == 0 || sent < plan.perConnection())) {
          awaitTurn(number, start);
          mail(wire, first + number);
          sent++;
          number = next.getAndIncrement();
        }
        wire.write("QUIT\r\n");
        expect(wire, '2');
      }
    }
  }

  private void awaitTurn(int number, long start) {
    if (rate.isPresent()) {
      long due = start + (long) (number * 1e9 / rate.get());
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }

  private Wire connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(server);
    Wire wire = new Wire(socket);
    expect(wire, '2');
    hello(wire);
    if (tls.isPresent()) {
      wire.write("STARTTLS\r\n");
      expect(wire, '2');
      wire.encrypt(tls.get(), true);
      hello(wire);
    }
    return wire;
  }

  private static void hello(Wire wire) throws IOException {
    wire.write("EHLO load." + Plan.DOMAIN + "\r\n");
    expect(wire, '2');
  }

  private void mail(Wire wire, int number) throws IOException {
    List<String> commands = new ArrayList<>();
    commands.add("MAIL FROM:<load@" + Plan.DOMAIN + ">\r\n");
    for (int i = 0; i < plan.recipients(); i++) {
      commands.add("RCPT TO:<sink" + i + "@" + plan.domain(number) + ">\r\n");
    }
    commands.add("DATA\r\n");
    if (plan.pipelining()) {
      wire.write(String.join("", commands));
    }
    for (String command : commands) {
      if (!plan.pipelining()) {
        wire.write(command);
      }
      expect(wire, command.startsWith("DATA") ? '3' : '2');
    }
    byte[] message = messages.of(plan.sizes().of(number), number);
    marks.sent(number);
    wire.write(message);
    expect(wire, '2');
    marks.accepted();
  }

  private static void expect(Wire wire, char first) throws IOException {
    String reply = wire.reply();
    if (reply.isEmpty() || reply.charAt(0) != first) {
      throw new IOException(reply.isEmpty() ? "the server has closed" : "refused: " + reply);
    }
  }
}
