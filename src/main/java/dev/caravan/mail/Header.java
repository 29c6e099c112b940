package dev.caravan.mail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The header fields of a message in order, from the top (RFC 5322, 2.2), read leniently: a line
 * that is no field ends the header. Octets become characters one to one (ISO 8859-1), so that
 * {@link Field#raw} gives back exactly what was received.
 *
 * @param fields from the top
 * @param octets length of the header block, without the empty line that ends it
 */
public record Header(List<Field> fields, int octets) {
  public Header {
    fields = List.copyOf(fields);
  }

  /**
   * One field.
   *
   * @param name as written
   * @param raw the whole field as received, folding and final CRLF included
   */
  public record Field(String name, String raw) {
    /** The value: unfolded, without white space at its ends, octets as ISO 8859-1. */
    public String value() {
      return raw.substring(raw.indexOf(':') + 1).replace("\r\n", "").replace("\n", "").strip();
    }

    public boolean is(String other) {
      return name.equalsIgnoreCase(other);
    }
  }

  /** Reads the header at the beginning of these octets; a bare LF ends a line as well. */
  public static Header parse(byte[] message) {
    return parse(message, 0, message.length);
  }

  /** Reads the header at the beginning of this part of the octets. */
  static Header parse(byte[] message, int from, int to) {
    List<Field> fields = new ArrayList<>();
    int at = from;
    while (at < to) {
      int end = lineEnd(message, at, to);
      if (isBlank(message, at, end)) {
        break;
      }
      int colon = colon(message, at, end);
      if (colon < 0) {
        break;
      }
      while (end < to && (message[end] == ' ' || message[end] == '\t')) {
        end = lineEnd(message, end, to);
      }
      fields.add(new Field(latin1(message, at, colon).stripTrailing(), latin1(message, at, end)));
      at = end;
    }
    return new Header(fields, at - from);
  }

  /** The fields of both, as if they stood together. */
  Header followedBy(Header below) {
    if (fields.isEmpty()) {
      return below;
    }
    List<Field> all = new ArrayList<>(fields.size() + below.fields.size());
    all.addAll(fields);
    all.addAll(below.fields);
    return new Header(all, octets + below.octets);
  }

  private static int lineEnd(byte[] b, int from, int to) {
    for (int i = from; i < to; i++) {
      if (b[i] == '\n') {
        return i + 1;
      }
    }
    return to;
  }

  private static boolean isBlank(byte[] b, int from, int to) {
    return b[from] == '\n' || b[from] == '\r' && from + 1 < to && b[from + 1] == '\n';
  }

  private static int colon(byte[] b, int from, int to) {
    for (int i = from; i < to; i++) {
      if (b[i] == ':') {
        return i == from ? -1 : i;
      }
      boolean trailingSpace = b[i] == ' ' || b[i] == '\t';
      if (trailingSpace && i > from) {
        continue;
      }
      if (b[i] <= ' ' || b[i] == 127) {
        return -1;
      }
    }
    return -1;
  }

  private static String latin1(byte[] b, int from, int to) {
    return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** The topmost field of this name. */
  public Optional<Field> first(String name) {
    return fields.stream().filter(f -> f.is(name)).findFirst();
  }

  /** All fields of this name, from the top. */
  public List<Field> all(String name) {
    return fields.stream().filter(f -> f.is(name)).toList();
  }

  /** The value of the topmost field of this name; empty when there is none. */
  public String value(String name) {
    return first(name).map(Field::value).orElse("");
  }

  public int count(String name) {
    return (int) fields.stream().filter(f -> f.is(name)).count();
  }
}
