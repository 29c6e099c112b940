package dev.caravan.ops.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Lines and messages over a socket, with one buffer that is used again and again. */
final class Wire implements AutoCloseable {
  private static final int BUFFER = 16 << 10;
  private static final int MESSAGE_MAX = 200 << 20;
  private static final byte[] END = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

  private Socket socket;
  private InputStream in;
  private OutputStream out;
  private byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;

  Wire(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** From here on encrypted; nothing may be read ahead. */
  void encrypt(SSLContext context, boolean asClient) throws IOException {
    SSLSocketFactory factory = context.getSocketFactory();
    if (factory.createSocket(socket, "localhost", socket.getPort(), true)
        instanceof SSLSocket tls) {
      tls.setUseClientMode(asClient);
      tls.startHandshake();
      socket = tls;
      in = tls.getInputStream();
      out = tls.getOutputStream();
    }
  }

  void write(byte[] octets) throws IOException {
    out.write(octets);
  }

  void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether more has come than was read. */
  boolean hasMore() {
    return start < end;
  }

  /**
   * Without its end; empty when the other side has closed.
   *
   * @throws IOException when a line is too long
   */
  String line() throws IOException {
    int scanned = start;
    while (true) {
      for (; scanned < end; scanned++) {
        if (buffer[scanned] == '\n') {
          int stop = scanned > start && buffer[scanned - 1] == '\r' ? scanned - 1 : scanned;
          String line = new String(buffer, start, stop - start, StandardCharsets.US_ASCII);
          start = scanned + 1;
          return line;
        }
      }
      int before = start;
      if (!fill()) {
        return "";
      }
      scanned -= before - start;
    }
  }

  /** The last line of a reply. */
  String reply() throws IOException {
    String line = line();
    while (line.length() > 3 && line.charAt(3) == '-') {
      line = line();
    }
    return line;
  }

  /** Reads a message to its final dot; the number that its header names, or -1. */
  long message() throws IOException {
    int scanned = start;
    while (true) {
      for (; scanned + END.length <= end; scanned++) {
        if (buffer[scanned] == '\r' && is(END, scanned)) {
          long number = number(scanned);
          start = scanned + END.length;
          return number;
        }
      }
      int before = start;
      if (!fill()) {
        throw new IOException("closed within a message");
      }
      scanned -= before - start;
    }
  }

  private boolean is(byte[] wanted, int at) {
    return Arrays.equals(buffer, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private long number(int messageEnd) {
    int last = messageEnd - Messages.FIELD.length - Messages.DIGITS;
    for (int i = start; i < last; i++) {
      if (buffer[i] == 'X' && is(Messages.FIELD, i)) {
        int at = i + Messages.FIELD.length;
        return Long.parseLong(
            new String(buffer, at, Messages.DIGITS, StandardCharsets.US_ASCII).strip());
      }
    }
    return -1;
  }

  /** Reads more behind what is there, which moves to the front when there is no room. */
  private boolean fill() throws IOException {
    if (start == end) {
      start = 0;
      end = 0;
    } else if (end == buffer.length && start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    } else if (end == buffer.length) {
      if (buffer.length >= MESSAGE_MAX) {
        throw new IOException("too long");
      }
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int count = in.read(buffer, end, buffer.length - end);
    end += Math.max(0, count);
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
