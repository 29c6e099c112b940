package dev.caravan.proof;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Stands before a DNS server: silent, or telling lies, when it is told to. UDP only. */
final class DnsRelay implements AutoCloseable {
  /** What becomes of one question. */
  enum Deed {
    PASS,
    SILENCE,
    SERVFAIL,
    REFUSED,
    /** Says that there is no such name. */
    NO_NAME,
    /** Says that the name has no such record. */
    NO_RECORD,
    /** No DNS message. */
    GARBAGE,
    /** The answer is right, but to another question's number. */
    OTHER_ID,
    /** The first half of the answer. */
    HALF
  }

  private static final int HEADER = 12;
  private static final int PATIENCE_MS = 2_000;

  private final DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
  private final int to;
  private final AtomicInteger deeds = new AtomicInteger();
  private volatile Supplier<Deed> mood = () -> Deed.PASS;

  DnsRelay(String server) throws IOException {
    to = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    Thread.startVirtualThread(this::serve);
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  void be(Supplier<Deed> now) {
    mood = now;
  }

  /** Questions that did not get their answer. */
  int deeds() {
    return deeds.get();
  }

  private void serve() {
    byte[] buffer = new byte[65_535];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] question = Arrays.copyOf(buffer, packet.getLength());
        Thread.startVirtualThread(() -> answer(question, packet.getAddress(), packet.getPort()));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void answer(byte[] question, InetAddress address, int port) {
    // About the senders' domain it tells the truth, so that they can be told what became of their
    // mail.
    boolean told = new String(question, StandardCharsets.ISO_8859_1).contains("sender");
    Deed deed = told ? Deed.PASS : mood.get();
    if (deed != Deed.PASS) {
      deeds.incrementAndGet();
    }
    try {
      byte[] answer =
          switch (deed) {
            case SILENCE -> new byte[0];
            case PASS -> ask(question);
            case SERVFAIL -> code(question, 2);
            case REFUSED -> code(question, 5);
            case NO_NAME -> code(question, 3);
            case NO_RECORD -> code(question, 0);
            case GARBAGE -> garbage();
            case OTHER_ID -> otherId(ask(question));
            case HALF -> half(ask(question));
          };
      if (answer.length > 0) {
        socket.send(new DatagramPacket(answer, answer.length, address, port));
      }
    } catch (IOException e) {
      // closed, or nobody answers behind us: then we don't either
    }
  }

  private byte[] ask(byte[] question) throws IOException {
    try (DatagramSocket own = new DatagramSocket()) {
      own.setSoTimeout(PATIENCE_MS);
      own.send(
          new DatagramPacket(question, question.length, InetAddress.ofLiteral("127.0.0.1"), to));
      DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
      own.receive(answer);
      return Arrays.copyOf(answer.getData(), answer.getLength());
    }
  }

  /** The question with this response code, and nothing else: its additional records go. */
  private static byte[] code(byte[] question, int code) {
    int end = HEADER;
    while (question[end] != 0) {
      end += question[end] + 1;
    }
    byte[] answer = Arrays.copyOf(question, end + 5);
    answer[2] |= (byte) 0x80;
    answer[3] = (byte) (0x80 | code);
    Arrays.fill(answer, 6, HEADER, (byte) 0);
    return answer;
  }

  private static byte[] garbage() {
    byte[] garbage = new byte[ThreadLocalRandom.current().nextInt(1, 300)];
    ThreadLocalRandom.current().nextBytes(garbage);
    return garbage;
  }

  private static byte[] otherId(byte[] answer) {
    answer[0] ^= 0x55;
    return answer;
  }

  private static byte[] half(byte[] answer) {
    return Arrays.copyOf(answer, answer.length / 2);
  }

  @Override
  public void close() {
    socket.close();
  }
}
