package dev.caravan.policy;

import dev.caravan.mail.Content;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.field.ContentDispositionFieldLenientImpl;
import org.apache.james.mime4j.parser.AbstractContentHandler;
import org.apache.james.mime4j.parser.MimeStreamParser;
import org.apache.james.mime4j.stream.BodyDescriptor;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.jsoup.Jsoup;

/**
 * The parts of a message that the content filter looks at, read in one bounded pass: names, types
 * and decoded text. What is broken is read as far as it goes.
 */
record MimeParts(List<Part> parts) {
  private static final int PARTS_MAX = 1000;
  private static final int TEXT_MAX = 1024 * 1024;
  private static final MimeConfig CONFIG =
      MimeConfig.custom()
          .setMaxHeaderCount(2000)
          .setMaxHeaderLen(256 * 1024)
          .setMaxLineLen(-1)
          .setMalformedHeaderStartsBody(false)
          .build();

  /**
   * One part.
   *
   * @param fileName decoded; empty when it has none
   * @param text decoded, HTML as what a reader sees; empty unless it is text
   */
  record Part(String fileName, String mediaType, String text) {}

  static MimeParts read(Content content) throws IOException {
    Reader reader = new Reader();
    MimeStreamParser parser = new MimeStreamParser(CONFIG);
    parser.setContentHandler(reader);
    parser.setContentDecoding(true);
    try (InputStream in = content.open()) {
      parser.parse(in);
    } catch (MimeException e) {
      // Broken MIME: what was found so far is judged.
    }
    return new MimeParts(reader.parts);
  }

  private static final class Reader extends AbstractContentHandler {
    private final List<Part> parts = new ArrayList<>();
    private String disposition = "";
    private String contentType = "";
    private int textLeft = TEXT_MAX;

    @Override
    public void startHeader() {
      disposition = "";
      contentType = "";
    }

    @Override
    public void field(Field field) {
      if (field.getName().equalsIgnoreCase("Content-Disposition")) {
        disposition = fileName(field);
      } else if (field.getName().equalsIgnoreCase("Content-Type")) {
        contentType = Parameters.get(field.getBody(), "name");
      }
    }

    private static String fileName(Field field) {
      String plain = Parameters.get(field.getBody(), "filename");
      if (!plain.isEmpty()) {
        return plain;
      }
      String lenient =
          ContentDispositionFieldLenientImpl.PARSER
              .parse(field, DecodeMonitor.SILENT)
              .getFilename();
      return lenient == null ? "" : lenient;
    }

    @Override
    public void body(BodyDescriptor part, InputStream in) throws IOException {
      if (parts.size() >= PARTS_MAX) {
        return;
      }
      String name = disposition.isEmpty() ? contentType : disposition;
      String type = part.getMimeType() == null ? "" : part.getMimeType();
      String text = "";
      if (type.startsWith("text/") && textLeft > 0) {
        byte[] octets = in.readNBytes(textLeft);
        textLeft -= octets.length;
        String decoded = new String(octets, charset(part.getCharset()));
        text = type.equals("text/html") ? Jsoup.parse(decoded).text() + "\n" + decoded : decoded;
      }
      parts.add(new Part(DecoderUtil.decodeEncodedWords(name, StandardCharsets.UTF_8), type, text));
    }

    private static Charset charset(@org.jspecify.annotations.Nullable String name) {
      try {
        return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
      } catch (IllegalArgumentException e) {
        return StandardCharsets.ISO_8859_1;
      }
    }
  }
}
