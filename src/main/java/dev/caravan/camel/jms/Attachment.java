package dev.caravan.camel.jms;

/**
 * A file that goes with a text.
 *
 * @param name what the recipient sees; never a path of ours
 * @param type its media type; empty = by the name's ending
 * @param id by which the HTML shows it, as {@code cid:ID}; empty for one that is only attached
 */
record Attachment(String name, byte[] octets, String type, String id) {
  /** One that is only attached, its type by the name's ending. */
  Attachment(String name, byte[] octets) {
    this(name, octets, "", "");
  }

  boolean isInline() {
    return !id.isEmpty();
  }
}
