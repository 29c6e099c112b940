package dev.caravan.camel.jms;

import dev.caravan.mail.Content;

/**
 * A file that goes with a text.
 *
 * @param name what the recipient sees; never a path of ours
 * @param file its octets, in memory or in a spool file
 * @param type its media type; empty = by the name's ending
 * @param id by which the HTML shows it, as {@code cid:ID}; empty for one that is only attached
 * @param staged the name under which the application has staged it, while its octets are still to
 *     be fetched; else empty
 */
record Attachment(String name, Content file, String type, String id, String staged) {
  private static final Content NOT_YET = Content.of(new byte[0]);

  /** One that is only attached, its type by the name's ending. */
  Attachment(String name, byte[] octets) {
    this(name, Content.of(octets), "", "", "");
  }

  /** One whose octets are to be fetched. */
  static Attachment ofStaged(String name, String type, String id, String staged) {
    return new Attachment(name, NOT_YET, type, id, staged);
  }

  Attachment with(Content fetched) {
    return new Attachment(name, fetched, type, id, "");
  }

  boolean isInline() {
    return !id.isEmpty();
  }

  boolean isStaged() {
    return !staged.isEmpty();
  }
}
