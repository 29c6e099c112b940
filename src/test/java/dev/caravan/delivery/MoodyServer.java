package dev.caravan.delivery;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A proper SMTP server that does one thing wrong, at one stage. */
final class MoodyServer implements AutoCloseable {
  enum Stage {
    GREETING,
    EHLO,
    STARTTLS,
    HANDSHAKE,
    EHLO_TLS,
    AUTH,
    MAIL,
    /** The first of the recipients, x. */
    RCPT,
    DATA,
    /** The reply to the last chunk. */
    BDAT,
    /** After the first octets of the message. */
    BODY,
    DOT,
    RSET,
    QUIT,
    /** After a mail was taken, before the client says anything. */
    BETWEEN,
    /** At no stage. */
    NEVER
  }

  enum Mood {
    OK("250 ok"),
    GO_ON("354 go on"),
    LATER("450 4.2.0 later"),
    BYE("421 4.3.2 bye"),
    NO("550 5.1.1 never"),
    GARBAGE("what?"),
    DROP(""),
    HANG("");

    private final String line;

    Mood(String line) {
      this.line = line;
    }
  }

  private final ServerSocket server;
  private final Stage stage;
  private final Mood mood;
  private final SSLContext tls;
  private final List<String> offers;
  private final int moodyConnections;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger mails = new AtomicInteger();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  /**
   * Starts one.
   *
   * @param offers extensions
   * @param moodyConnections how many of the first connections it spoils
   */
  MoodyServer(Stage stage, Mood mood, SSLContext tls, List<String> offers, int moodyConnections)
      throws IOException {
    this.stage = stage;
    this.mood = mood;
    this.tls = tls;
    this.offers = offers;
    this.moodyConnections = moodyConnections;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** How many messages came as a whole. */
  int mails() {
    return mails.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        open.add(socket);
        boolean moody = connections.incrementAndGet() <= moodyConnections;
        Thread.startVirtualThread(() -> new Session(socket, moody).run());
      } catch (IOException e) {
        return;
      }
    }
  }

  private final class Session {
    private final boolean moody;
    private Socket socket;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private boolean encrypted;
    private int recipients;

    Session(Socket socket, boolean moody) {
      this.socket = socket;
      this.moody = moody;
    }

    void run() {
      try (Socket raw = socket) {
        assert raw != null;
        streams();
        answer(Stage.GREETING, "220 moody.example");
        while (true) {
          serve(line());
        }
      } catch (IOException e) {
        // gone
      }
    }

    private void serve(String line) throws IOException {
      switch (line.split("[ :]")[0].toUpperCase(Locale.ROOT)) {
        case "EHLO" -> answer(encrypted ? Stage.EHLO_TLS : Stage.EHLO, ehlo());
        case "STARTTLS" -> {
          if (answer(Stage.STARTTLS, "220 go on")) {
            encrypt();
          }
        }
        case "AUTH" -> answer(Stage.AUTH, "235 welcome");
        case "MAIL" -> {
          recipients = 0;
          answer(Stage.MAIL, "250 ok");
        }
        case "RCPT" -> {
          if (line.contains("<nobody@")) {
            say("550 5.1.1 who");
          } else if (!line.contains("<x@")) {
            say("250 ok");
            recipients++;
          } else if (answer(Stage.RCPT, "250 ok")) {
            recipients++;
          }
        }
        case "DATA" -> {
          if (recipients == 0) {
            say("503 nobody");
          } else if (answer(Stage.DATA, "354 go on")) {
            boolean silent = body();
            mails.incrementAndGet();
            if (!silent) {
              end(Stage.DOT);
            }
          }
        }
        case "BDAT" -> {
          in.skipNBytes(Long.parseLong(line.split(" ")[1]));
          if (recipients == 0) {
            say("503 nobody");
          } else {
            mails.incrementAndGet();
            end(Stage.BDAT);
          }
        }
        case "RSET" -> answer(Stage.RSET, "250 ok");
        case "QUIT" -> {
          answer(Stage.QUIT, "221 bye");
          throw new EOFException("QUIT");
        }
        case "HELO" -> say("250 moody.example");
        default -> say("500 what");
      }
    }

    private String ehlo() {
      StringBuilder lines = new StringBuilder("250-moody.example\r\n");
      for (String offer : offers) {
        if (!offer.equals("STARTTLS") || !encrypted) {
          lines.append("250-").append(offer).append("\r\n");
        }
      }
      return lines.append("250 HELP").toString();
    }

    /** Whether what is right has been said. */
    private boolean answer(Stage at, String right) throws IOException {
      boolean spoilt = moody && at == stage;
      if (spoilt && mood == Mood.DROP) {
        throw new EOFException("in a mood");
      }
      if (spoilt && mood == Mood.HANG) {
        in.transferTo(OutputStream.nullOutputStream());
        throw new EOFException("hung");
      }
      // What is right here is right whatever its number is.
      boolean same = !mood.line.isEmpty() && right.charAt(0) == mood.line.charAt(0);
      say(spoilt && !same ? mood.line : right);
      return !spoilt || same;
    }

    /** The reply to a message, and what comes behind it in the same packet. */
    private void end(Stage at) throws IOException {
      boolean between = moody && stage == Stage.BETWEEN;
      answer(at, "250 2.0.0 taken" + (between && !mood.line.isEmpty() ? "\r\n" + mood.line : ""));
      if (between && mood == Mood.DROP) {
        throw new EOFException("in a mood");
      }
      if (between && mood == Mood.HANG) {
        in.transferTo(OutputStream.nullOutputStream());
        throw new EOFException("hung");
      }
    }

    /** Whether nothing is said at its end. */
    private boolean body() throws IOException {
      boolean spoilt = moody && stage == Stage.BODY;
      if (spoilt) {
        in.readNBytes(10);
        switch (mood) {
          case DROP -> throw new EOFException("in a mood");
          case HANG -> {
            try {
              Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
              throw new EOFException("hung");
            }
          }
          case OK, GO_ON, LATER, BYE, NO, GARBAGE -> say(mood.line);
        }
      }
      // An end may come at once: the line before it is that of DATA.
      int state = spoilt ? 0 : 2;
      byte[] end = {'\r', '\n', '.', '\r', '\n'};
      while (state < end.length) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("in the body");
        }
        state = b == end[state] ? state + 1 : b == '\r' ? 1 : 0;
      }
      return spoilt;
    }

    private void encrypt() throws IOException {
      if (moody && stage == Stage.HANDSHAKE && mood != Mood.OK) {
        answer(Stage.HANDSHAKE, "?");
        throw new EOFException("no TLS");
      }
      SSLSocket secure =
          (SSLSocket)
              tls.getSocketFactory()
                  .createSocket(
                      socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
      secure.setUseClientMode(false);
      secure.startHandshake();
      socket = secure;
      encrypted = true;
      streams();
    }

    private void streams() throws IOException {
      in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      out = socket.getOutputStream();
    }

    private void say(String text) throws IOException {
      out.write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new EOFException("closed");
        }
        line.write(b);
      }
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
