package dev.caravan.delivery;

import dev.caravan.mail.Content;
import dev.caravan.mail.Header;
import dev.caravan.mail.MailOptions;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.RecursionMode;

/**
 * Makes a BINARYMIME message one that DATA can carry (RFC 3030, 3): parts whose encoding is {@code
 * binary} become base64, the multiparts around them 8bit; everything else stays as it is. In
 * bounded memory: what is large goes to a file beside the one it comes from.
 */
final class BinaryDowngrade {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final int LINE = 76;
  private static final int LINE_MAX = 998;
  private static final int DEPTH_MAX = 100;
  private static final MimeConfig LIMITS =
      MimeConfig.custom()
          .setMaxLineLen(100_000)
          .setMaxHeaderLen(100_000)
          .setMaxHeaderCount(10_000)
          .setMaxContentLen(-1)
          .setMalformedHeaderStartsBody(false)
          .build();

  private BinaryDowngrade() {}

  /** The message is signed, or no proper MIME, or stays unfit for DATA. */
  static final class ImpossibleException extends Exception {
    private static final long serialVersionUID = 1L;

    ImpossibleException(String why) {
      super(why);
    }
  }

  /**
   * The message for DATA; the one that is given where it needs no conversion.
   *
   * @throws ImpossibleException when it can't be converted
   * @throws IOException when it can't be read or the result can't be written
   */
  static Message convert(Content content) throws ImpossibleException, IOException {
    Guard guard = new Guard(OutputStream.nullOutputStream());
    content.writeTo(guard);
    if (guard.isFit()) {
      return new Message(content, MailOptions.Body.EIGHT_BIT_MIME, Optional.empty());
    }
    if (isSigned(content.header())) {
      throw new ImpossibleException("it is signed");
    }
    Optional<Path> source = content.spoolFile();
    if (source.isEmpty()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream((int) content.size() * 3 / 2);
      write(content, out);
      return message(Content.of(out.toByteArray()), Optional.empty());
    }
    Path file = Files.createTempFile(source.get().toAbsolutePath().getParent(), "data-", ".eml");
    boolean done = false;
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        write(content, out);
      }
      done = true;
      return message(Content.of(file, Files.size(file)), Optional.of(file));
    } finally {
      if (!done) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static Message message(Content content, Optional<Path> file) {
    return new Message(content, MailOptions.Body.EIGHT_BIT_MIME, file);
  }

  /** A converted message would no longer be the signed one. */
  private static boolean isSigned(Header header) {
    String type = header.value("Content-Type").toLowerCase(Locale.ROOT);
    return header.first("DKIM-Signature").isPresent()
        || header.first("ARC-Seal").isPresent()
        || type.startsWith("multipart/signed");
  }

  private static void write(Content content, OutputStream to)
      throws ImpossibleException, IOException {
    Guard out = new Guard(to);
    MimeTokenStream tokens = new MimeTokenStream(LIMITS);
    tokens.setRecursionMode(RecursionMode.M_RECURSE);
    try (InputStream in = content.open()) {
      tokens.parse(in);
      new Writer(tokens, out).write();
    } catch (MimeException e) {
      throw new ImpossibleException("it is no proper MIME");
    }
    if (!out.isFit()) {
      throw new ImpossibleException("it has lines or octets that no part encodes");
    }
  }

  /** Copies the tokens of a message, and changes what is binary. */
  private static final class Writer {
    private final MimeTokenStream tokens;
    private final OutputStream out;
    private final Deque<String> boundaries = new ArrayDeque<>();
    private boolean binary;
    private boolean composite;
    private boolean closed;

    Writer(MimeTokenStream tokens, OutputStream out) {
      this.tokens = tokens;
      this.out = out;
    }

    void write() throws IOException, MimeException, ImpossibleException {
      for (EntityState s = tokens.getState(); s != EntityState.T_END_OF_STREAM; s = tokens.next()) {
        switch (s) {
          case T_START_HEADER -> {
            binary = false;
            composite = false;
          }
          case T_FIELD -> field();
          case T_END_HEADER -> endHeader();
          case T_BODY -> body();
          case T_START_MULTIPART -> open();
          case T_START_BODYPART -> line("--" + boundaries.element());
          case T_END_BODYPART -> out.write(CRLF);
          case T_PREAMBLE -> {
            tokens.getInputStream().transferTo(out);
            out.write(CRLF);
          }
          case T_EPILOGUE -> {
            close();
            tokens.getInputStream().transferTo(out);
          }
          case T_END_MULTIPART -> {
            close();
            boundaries.pop();
            closed = false;
          }
          case T_START_MESSAGE, T_END_MESSAGE, T_RAW_ENTITY, T_END_OF_STREAM -> {
            // nothing of their own
          }
        }
      }
    }

    private void open() throws ImpossibleException {
      if (boundaries.size() == DEPTH_MAX) {
        throw new ImpossibleException("parts within parts without end");
      }
      boundaries.push(String.valueOf(tokens.getBodyDescriptor().getBoundary()));
    }

    /** An empty epilogue is not told. */
    private void close() throws IOException {
      if (!closed) {
        line("--" + boundaries.element() + "--");
        closed = true;
      }
    }

    private final ByteArrayOutputStream header = new ByteArrayOutputStream();

    private void field() throws IOException, ImpossibleException {
      byte[] raw = tokens.getField().getRaw().toByteArray();
      String text = new String(raw, StandardCharsets.ISO_8859_1).stripTrailing();
      String name = text.substring(0, Math.max(0, text.indexOf(':'))).strip();
      String value = text.substring(text.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT);
      if (name.equalsIgnoreCase("Content-Transfer-Encoding") && value.startsWith("binary")) {
        binary = true;
        return;
      }
      if (name.equalsIgnoreCase("Content-Type")) {
        composite = value.startsWith("multipart/") || value.startsWith("message/");
        if (value.startsWith("multipart/signed")) {
          throw new ImpossibleException("a part is signed");
        }
      }
      header.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private void endHeader() throws IOException {
      if (binary) {
        String encoding = composite ? "8bit" : "base64";
        header.writeBytes(
            ("Content-Transfer-Encoding: " + encoding + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
      }
      header.writeTo(out);
      header.reset();
      out.write(CRLF);
    }

    private void body() throws IOException {
      InputStream in = tokens.getInputStream();
      if (binary && !composite) {
        // Closing it writes the last octets; what is below stays open.
        OutputStream lines = new Unclosed(out);
        try (OutputStream encoded = Base64.getMimeEncoder(LINE, CRLF).wrap(lines)) {
          in.transferTo(encoded);
        }
      } else {
        in.transferTo(out);
      }
    }

    private void line(String line) throws IOException {
      out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static final class Unclosed extends java.io.FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      out.write(octets, from, count);
    }

    @Override
    public void close() {}
  }

  /** Sees whether what passes may go by DATA: no NUL, no bare CR or LF, no line over 998 octets. */
  private static final class Guard extends OutputStream {
    private final OutputStream to;
    private long line;
    private boolean afterCr;
    private boolean fit = true;

    Guard(OutputStream to) {
      this.to = to;
    }

    boolean isFit() {
      return fit && !afterCr;
    }

    @Override
    public void write(int b) throws IOException {
      see((byte) b);
      to.write(b);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      for (int i = from; i < from + count; i++) {
        see(octets[i]);
      }
      to.write(octets, from, count);
    }

    private void see(byte b) {
      if (b == '\n') {
        fit &= afterCr;
        line = 0;
      } else {
        fit &= !afterCr && b != 0;
        if (b != '\r') {
          line++;
        }
        fit &= line <= LINE_MAX;
      }
      afterCr = b == '\r';
    }
  }
}
