package dev.caravan.policy;

import dev.caravan.mail.Content;
import dev.caravan.mail.Header;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.MimeIOException;
import org.apache.james.mime4j.io.MaxHeaderLengthLimitException;
import org.apache.james.mime4j.parser.AbstractContentHandler;
import org.apache.james.mime4j.parser.MimeStreamParser;
import org.apache.james.mime4j.stream.BodyDescriptor;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.jsoup.Jsoup;
import org.jspecify.annotations.Nullable;

/**
 * What the content filter looks at in a message and in the messages attached to it, read in one
 * bounded pass. What is broken is read as far as it goes.
 *
 * @param names file names of parts, decoded; both where Content-Disposition and Content-Type differ
 * @param types media types, in lower case, also of parts that hold other parts
 * @param texts decoded, HTML also as what a reader sees; the first MiB of all text
 * @param complete false when the message goes beyond the limits: 100 levels, 10,000 different names
 *     and types, 256 KiB for a header field. What it holds is not all known then.
 */
record MimeParts(Set<String> names, Set<String> types, List<String> texts, boolean complete) {
  private static final int NESTING_MAX = 100;
  private static final int WORDS_MAX = 10_000;
  private static final int TEXT_MAX = 1024 * 1024;
  private static final int FIELD_MAX = 256 * 1024;
  private static final String TYPE = "Content-Type";
  private static final Pattern ONE_TEXT = Pattern.compile("text/[a-z0-9.+-]+");
  private static final MimeConfig CONFIG =
      MimeConfig.custom()
          .setMaxHeaderCount(-1)
          .setMaxHeaderLen(FIELD_MAX)
          .setMaxLineLen(-1)
          .setMalformedHeaderStartsBody(false)
          .build();

  /**
   * @param withTexts whether anybody wants the texts; without them a message that is one text is
   *     known by its header
   */
  static MimeParts read(Content content, boolean withTexts) throws IOException {
    Reader reader = new Reader(withTexts);
    boolean complete = true;
    try {
      if (withTexts || !isOneText(content)) {
        parse(content, reader);
      } else {
        reader.header(content.header());
      }
    } catch (MimeException e) {
      complete = !isLimit(e);
    } catch (MimeIOException e) {
      complete = !isLimit(e.getCause());
    }
    return new MimeParts(reader.names, reader.types, reader.texts, complete);
  }

  private static void parse(Content content, Reader reader) throws MimeException, IOException {
    MimeStreamParser parser = new MimeStreamParser(CONFIG);
    parser.setContentHandler(reader);
    parser.setContentDecoding(true);
    try (InputStream in = content.open()) {
      parser.parse(in);
    }
  }

  /**
   * Whether there is certainly no other part. A header that others could read in another way than
   * we do is a case for the parser.
   */
  private static boolean isOneText(Content content) throws IOException {
    Header header = content.header();
    int known = 0;
    int mentioned = 0;
    for (Header.Field field : header.fields()) {
      known += field.is(TYPE) ? 1 : 0;
      mentioned += mentions(field.raw()) ? 1 : 0;
    }
    return known <= 1
        && mentioned == known
        && ONE_TEXT.matcher(type(header.value(TYPE))).matches()
        && endsWithAnEmptyLine(content, header.octets());
  }

  private static boolean mentions(String field) {
    for (int i = field.indexOf('-'); i >= 0; i = field.indexOf('-', i + 1)) {
      if (field.regionMatches(true, i - "content".length(), TYPE, 0, TYPE.length())) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsWithAnEmptyLine(Content content, int headerOctets) throws IOException {
    try (InputStream in = content.open()) {
      in.skipNBytes(headerOctets);
      int first = in.read();
      return first < 0 || first == '\r' && in.read() == '\n';
    }
  }

  /** RFC 2045, 5.2: what says nothing is plain text. */
  private static String type(String value) {
    int end = value.indexOf(';');
    String type = (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return type.isEmpty() ? "text/plain" : type;
  }

  private static boolean isLimit(@Nullable Throwable e) {
    return e instanceof MaxHeaderLengthLimitException || e instanceof LimitException;
  }

  private static final class LimitException extends MimeException {
    private static final long serialVersionUID = 1L;

    LimitException(String message) {
      super(message);
    }
  }

  private static final class Reader extends AbstractContentHandler {
    private final boolean withTexts;
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> types = new LinkedHashSet<>();
    private final List<String> texts = new ArrayList<>();
    private int depth;
    private int textLeft = TEXT_MAX;

    Reader(boolean withTexts) {
      this.withTexts = withTexts;
    }

    @Override
    public void startMessage() throws MimeException {
      if (depth > 0) {
        add(types, "message/rfc822");
      }
      deeper();
    }

    @Override
    public void endMessage() {
      depth--;
    }

    @Override
    public void startMultipart(BodyDescriptor part) throws MimeException {
      add(types, type(part));
      deeper();
    }

    @Override
    public void endMultipart() {
      depth--;
    }

    private void deeper() throws MimeException {
      if (++depth > NESTING_MAX) {
        throw new LimitException("parts within parts");
      }
    }

    @Override
    public void field(Field field) throws MimeException {
      field(field.getName(), field.getBody());
    }

    /** Of a message that is one text. */
    void header(Header header) throws MimeException {
      for (Header.Field field : header.fields()) {
        field(field.name(), field.value());
      }
      add(types, MimeParts.type(header.value(TYPE)));
    }

    private void field(String field, String value) throws MimeException {
      String parameter =
          switch (field.toLowerCase(Locale.ROOT)) {
            case "content-disposition" -> "filename";
            case "content-type" -> "name";
            default -> "";
          };
      if (parameter.isEmpty()) {
        return;
      }
      String name = Text.decoded(Parameters.get(value, parameter));
      // Windows opens "a.exe. " as "a.exe".
      int end = name.length();
      while (end > 0 && (name.charAt(end - 1) == '.' || name.charAt(end - 1) <= ' ')) {
        end--;
      }
      if (end > 0) {
        add(names, name.substring(0, end));
      }
    }

    @Override
    public void body(BodyDescriptor part, InputStream in) throws MimeException, IOException {
      String type = type(part);
      add(types, type);
      if (withTexts && type.startsWith("text/") && textLeft > 0) {
        byte[] octets = in.readNBytes(textLeft);
        textLeft -= octets.length;
        String text = text(octets, part.getCharset());
        texts.add(type.equals("text/html") ? Jsoup.parse(text).text() + "\n" + text : text);
      }
    }

    private void add(Set<String> words, String word) throws MimeException {
      words.add(word);
      if (names.size() + types.size() > WORDS_MAX) {
        throw new LimitException("names and types");
      }
    }

    private static String type(BodyDescriptor part) {
      return part.getMimeType() == null ? "" : part.getMimeType().toLowerCase(Locale.ROOT);
    }

    /** Text that claims to be ASCII, or nothing, is often UTF-8. */
    private static String text(byte[] octets, @Nullable String charset) {
      if (charset != null && !charset.equalsIgnoreCase("us-ascii")) {
        try {
          return new String(octets, Charset.forName(charset));
        } catch (IllegalArgumentException e) {
          // a charset that nobody knows
        }
      }
      return Text.utf8(new String(octets, StandardCharsets.ISO_8859_1));
    }
  }
}
