package dev.caravan.ops;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One mail over one connection, with everything that is said printed: {@code C:} is we, {@code S:}
 * the server. Plain SMTP (RFC 5321), one command at a time, so that the lines are in order.
 */
final class SmtpDialogue implements AutoCloseable {
  private static final int MAX_LINE = 4096;
  private static final int MAX_LINES = 200;
  private static final int MAX_SHOWN = 60;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final PrintWriter transcript;

  /**
   * Connects.
   *
   * @throws IOException when nobody answers there
   */
  SmtpDialogue(InetSocketAddress server, Duration timeout, PrintWriter transcript)
      throws IOException {
    this.transcript = transcript;
    this.socket = new Socket();
    try {
      socket.connect(server, (int) timeout.toMillis());
      socket.setSoTimeout((int) timeout.toMillis());
      this.in = new BufferedInputStream(socket.getInputStream());
      this.out = new BufferedOutputStream(socket.getOutputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Says the whole dialogue.
   *
   * @param from empty for the null path
   * @return whether the server took the mail for every recipient
   * @throws IOException when the connection breaks or the answer is no SMTP
   */
  boolean send(String helo, String from, List<String> to, byte[] message) throws IOException {
    if (reply() >= 400) {
      return quit(false);
    }
    if (command("EHLO " + helo) >= 400 && command("HELO " + helo) >= 400) {
      return quit(false);
    }
    if (command("MAIL FROM:<" + from + ">") >= 400) {
      return quit(false);
    }
    int refused = 0;
    for (String recipient : to) {
      refused += command("RCPT TO:<" + recipient + ">") >= 400 ? 1 : 0;
    }
    if (refused == to.size() || command("DATA") >= 400) {
      return quit(false);
    }
    data(message);
    boolean accepted = reply() < 400;
    return quit(accepted && refused == 0);
  }

  private boolean quit(boolean accepted) {
    try {
      command("QUIT");
    } catch (IOException e) {
      // The mail's fate is known; a server that hangs up early changes nothing.
      say("*: " + Failure.sentence(e));
    }
    return accepted;
  }

  private int command(String line) throws IOException {
    say("C: " + line);
    out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    return reply();
  }

  /** The message's lines end in CRLF; dots at their beginning are doubled (RFC 5321, 4.5.2). */
  private void data(byte[] message) throws IOException {
    List<String> lines = new String(message, StandardCharsets.UTF_8).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = (lines.get(i).startsWith(".") ? "." : "") + lines.get(i);
      if (i < MAX_SHOWN) {
        say("C: " + line);
      } else if (i == MAX_SHOWN) {
        say("C: (" + (lines.size() - i) + " more lines)");
      }
      out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
    say("C: .");
    out.write(".\r\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private int reply() throws IOException {
    List<String> lines = new ArrayList<>();
    while (lines.size() < MAX_LINES) {
      String line = line();
      lines.add(line);
      say("S: " + line);
      if (!line.matches("[2-5]\\d\\d([ -].*)?")) {
        throw new IOException("that is no SMTP reply");
      }
      if (line.length() < 4 || line.charAt(3) == ' ') {
        return Integer.parseInt(line.substring(0, 3));
      }
    }
    throw new IOException("a reply of more than " + MAX_LINES + " lines");
  }

  private String line() throws IOException {
    byte[] octets = new byte[MAX_LINE];
    for (int length = 0; length < MAX_LINE; length++) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("the server closed the connection");
      }
      if (octet == '\n') {
        int end = length > 0 && octets[length - 1] == '\r' ? length - 1 : length;
        return new String(octets, 0, end, StandardCharsets.UTF_8);
      }
      octets[length] = (byte) octet;
    }
    throw new IOException("a line of more than " + MAX_LINE + " octets");
  }

  /** Control characters of the other side stay off the terminal. */
  private void say(String line) {
    transcript.println(line.replaceAll("\\p{Cntrl}", "?"));
    transcript.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /**
   * Reads {@code HOST:PORT}, {@code [2001:db8::1]:25}.
   *
   * @throws IllegalArgumentException when it is none
   */
  static InetSocketAddress server(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }
    String host = text.substring(0, colon).toLowerCase(Locale.ROOT);
    boolean literal = host.startsWith("[") && host.endsWith("]");
    return new InetSocketAddress(
        literal ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
  }
}
