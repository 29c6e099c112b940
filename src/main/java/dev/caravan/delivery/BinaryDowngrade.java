package dev.caravan.delivery;

import dev.caravan.mail.Content;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;

/**
 * A BINARYMIME message for a server that takes none (RFC 3030, 3): parts in binary become base64;
 * everything else stays. Streams; what is kept is one header at a time. A signature over the body
 * no longer fits, which a receiver must treat like none.
 */
final class BinaryDowngrade {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final int BASE64_LINE = 76;
  private static final int DEPTH_MAX = 100;

  private BinaryDowngrade() {}

  /**
   * @throws IOException also when the message is no MIME that can be taken apart
   */
  static void write(Content content, OutputStream out) throws IOException {
    MimeTokenStream tokens =
        new MimeTokenStream(
            MimeConfig.custom()
                .setMaxLineLen(-1)
                .setMaxHeaderLen(-1)
                .setMaxHeaderCount(-1)
                .setMaxContentLen(-1)
                .build());
    try (InputStream in = content.open()) {
      tokens.parse(in);
      new Writer(tokens, out).copy();
    } catch (MimeException e) {
      throw new IOException("the message can't be converted from BINARYMIME", e);
    }
  }

  private static final class Writer {
    private final MimeTokenStream tokens;
    private final OutputStream out;
    private final Deque<String> boundaries = new ArrayDeque<>();
    private final List<Field> fields = new ArrayList<>();

    Writer(MimeTokenStream tokens, OutputStream out) {
      this.tokens = tokens;
      this.out = out;
    }

    void copy() throws IOException, MimeException {
      for (EntityState state = tokens.getState();
          state != EntityState.T_END_OF_STREAM;
          state = tokens.next()) {
        switch (state) {
          case T_FIELD -> fields.add(tokens.getField());
          case T_START_MESSAGE -> {
            if (!fields.isEmpty()) {
              header("8bit"); // of the part that holds this message
            }
          }
          case T_START_MULTIPART -> {
            if (boundaries.size() >= DEPTH_MAX) {
              throw new IOException("parts within parts beyond " + DEPTH_MAX);
            }
            header(isBinary() ? "8bit" : "");
            boundaries.push(String.valueOf(tokens.getBodyDescriptor().getBoundary()));
          }
          case T_START_BODYPART -> text("\r\n--" + boundaries.peek() + "\r\n");
          case T_END_MULTIPART -> text("\r\n--" + boundaries.pop() + "--\r\n");
          case T_BODY -> body(tokens.getInputStream());
          default -> {
            // Ends, and what stands before and behind the parts.
          }
        }
      }
    }

    private boolean isBinary() {
      return tokens
          .getBodyDescriptor()
          .getTransferEncoding()
          .toLowerCase(Locale.ROOT)
          .equals("binary");
    }

    private void body(InputStream body) throws IOException {
      if (!isBinary()) {
        header("");
        body.transferTo(out);
        return;
      }
      header("base64");
      OutputStream encoded = Base64.getMimeEncoder(BASE64_LINE, CRLF).wrap(new Kept(out));
      body.transferTo(encoded);
      encoded.close(); // ends the last group
    }

    /** The header, once it is known what it is about. */
    private void header(String encoding) throws IOException {
      for (Field field : fields) {
        boolean replaced =
            !encoding.isEmpty() && field.getName().equalsIgnoreCase("Content-Transfer-Encoding");
        if (replaced) {
          text("Content-Transfer-Encoding: " + encoding + "\r\n");
        } else if (field.getRaw() != null) {
          out.write(field.getRaw().toByteArray());
          out.write(CRLF);
        }
      }
      fields.clear();
      out.write(CRLF);
    }

    private void text(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** Stays open when what is above it is closed. */
  private static final class Kept extends FilterOutputStream {
    Kept(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      out.write(octets, from, count);
    }

    @Override
    public void close() {}
  }
}
