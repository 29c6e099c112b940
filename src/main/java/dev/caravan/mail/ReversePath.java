package dev.caravan.mail;

import java.util.Optional;

/**
 * Who is told when delivery fails (RFC 5321, 4.1.1.2): an address, or the null path {@code <>} of
 * reports, which are never bounced.
 */
public record ReversePath(Optional<EmailAddress> address) {
  /** The null path {@code <>}. */
  public static final ReversePath NULL = new ReversePath(Optional.empty());

  public static ReversePath of(EmailAddress address) {
    return new ReversePath(Optional.of(address));
  }

  /**
   * Reads an address without brackets; the empty text is the null path.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static ReversePath parse(String text) {
    return text.isEmpty() ? NULL : of(EmailAddress.parse(text));
  }

  public boolean isNull() {
    return address.isEmpty();
  }

  /** The domain's name; empty for the null path, so that rules can compare it. */
  public String domain() {
    return address.map(a -> a.domain().name()).orElse("");
  }

  /** The local part; empty for the null path. */
  public String localPart() {
    return address.map(EmailAddress::localPart).orElse("");
  }

  /** The address without brackets; empty for the null path. */
  @Override
  public String toString() {
    return address.map(EmailAddress::toString).orElse("");
  }
}
