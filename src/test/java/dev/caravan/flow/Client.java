package dev.caravan.flow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A plain SMTP client that tells what it was answered. */
final class Client implements AutoCloseable {
  private Socket socket;
  private BufferedReader in;
  private OutputStream out;

  /** Says EHLO. */
  Client(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port), "");
    reply();
    say("EHLO client.example");
  }

  private Client(Socket socket, String first) throws IOException {
    this.socket = socket;
    this.in = reader(socket);
    this.out = socket.getOutputStream();
    raw(first);
  }

  /** Begins with these octets, whatever they are; reads nothing. */
  static Client beginning(int port, String octets) throws IOException {
    return new Client(new Socket(InetAddress.getLoopbackAddress(), port), octets);
  }

  /** TLS from the first octet; reads nothing. */
  static Client encrypted(int port, SSLContext context) throws IOException {
    Client client = beginning(port, "");
    client.encrypt(context);
    return client;
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  /** Goes on with TLS on the same connection; gives protocol and cipher. */
  String encrypt(SSLContext context) throws IOException {
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, "relay.example", socket.getPort(), true);
    tls.startHandshake();
    socket = tls;
    in = reader(tls);
    out = tls.getOutputStream();
    return tls.getSession().getProtocol() + " " + tls.getSession().getCipherSuite();
  }

  /** What both ends of this connection know, and nobody between them (RFC 9266). */
  byte[] exporter() throws IOException {
    ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getSession();
    return session.exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32);
  }

  /** Sends a line, gives the last line of the reply. */
  String say(String line) throws IOException {
    raw(line + "\r\n");
    return reply();
  }

  /** Sends a line, gives all lines of the reply. */
  List<String> ask(String line) throws IOException {
    raw(line + "\r\n");
    List<String> lines = new java.util.ArrayList<>();
    String one;
    do {
      one = in.readLine();
      lines.add(one == null ? "" : one);
    } while (one != null && one.length() > 3 && one.charAt(3) == '-');
    return lines;
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
    String mail = say("MAIL FROM:<" + from + ">");
    for (String recipient : to) {
      say("RCPT TO:<" + recipient + ">");
    }
    String data = say("DATA");
    if (!data.startsWith("354")) {
      return mail.startsWith("250") ? data : mail;
    }
    raw(message);
    return say(".");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
