package dev.caravan.proof;

import dev.caravan.proof.Ledger.Entry;
import dev.caravan.proof.Ledger.Fate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that knows of each mail how far it got. */
final class SmtpSender implements AutoCloseable {
  private final Socket socket = new Socket();
  private final BufferedReader in;
  private final OutputStream out;

  SmtpSender(int port, int patienceMillis) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(patienceMillis);
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), patienceMillis);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      out = socket.getOutputStream();
      expect("220", reply());
      expect("250", say("EHLO client.example"));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Enters what was answered. */
  void send(Entry entry, String to, String message) throws IOException {
    String answer = say("MAIL FROM:<a@sender.example>");
    if (answer.startsWith("250")) {
      answer = say("RCPT TO:<" + to + ">");
    }
    if (answer.startsWith("250")) {
      answer = say("DATA");
    }
    if (!answer.startsWith("354")) {
      entry.is(Fate.REFUSED);
      expect("250", say("RSET"));
      return;
    }
    out.write(message.getBytes(StandardCharsets.ISO_8859_1));
    entry.is(Fate.IN_DOUBT);
    answer = say(".");
    if (answer.startsWith("250")) {
      entry.is(Fate.ACCEPTED);
    } else if (answer.startsWith("4")) {
      entry.is(Fate.DEFERRED);
    } else if (answer.startsWith("5")) {
      entry.is(Fate.REFUSED);
    }
  }

  private String say(String line) throws IOException {
    out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return reply();
  }

  private String reply() throws IOException {
    String line = in.readLine();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') {
      line = in.readLine();
    }
    if (line == null) {
      throw new IOException("closed");
    }
    return line;
  }

  private static void expect(String code, String reply) throws IOException {
    if (!reply.startsWith(code)) {
      throw new IOException(reply);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
