package dev.caravan.flow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A plain SMTP client that tells what it was answered. */
final class Client implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  Client(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    out = socket.getOutputStream();
    reply();
    say("EHLO client.example");
  }

  /** Sends a line, gives the last line of the reply. */
  String say(String line) throws IOException {
    raw(line + "\r\n");
    return reply();
  }

  void raw(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  String reply() throws IOException {
    String line = in.readLine();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') {
      line = in.readLine();
    }
    return line == null ? "" : line;
  }

  /** Sends a mail; gives the reply to its final dot. */
  String send(String from, List<String> to, String message) throws IOException {
    say("MAIL FROM:<" + from + ">");
    for (String recipient : to) {
      say("RCPT TO:<" + recipient + ">");
    }
    say("DATA");
    raw(message);
    return say(".");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
