package dev.caravan.mail;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The fields of a header are the octets it was read from, one after the other. */
public final class HeaderFuzz {
  private HeaderFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    Header header = Header.parse(input);
    String raw = header.fields().stream().map(Header.Field::raw).collect(Collectors.joining());
    String text = new String(input, StandardCharsets.ISO_8859_1);
    if (!text.startsWith(raw) || raw.length() != header.octets()) {
      throw new AssertionError("the fields are not what was read");
    }
    for (Header.Field field : header.fields()) {
      if (!field.name().matches("[^\\x00-\\x08\\x0a-\\x1f\\x7f:]+")
          || field.value().indexOf('\n') >= 0) {
        throw new AssertionError("a field: " + field);
      }
      if (header.first(field.name()).isEmpty()) {
        throw new AssertionError("not found: " + field.name());
      }
    }
    Content content = Content.of(input);
    if (!content.header().equals(header) && input.length < Content.HEADER_MAX) {
      throw new AssertionError("the content's header is another");
    }
  }
}
