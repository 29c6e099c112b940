package dev.caravan.mail;

import java.nio.charset.StandardCharsets;

/**
 * Any text is an address or none, a domain or none; what is one can be written into a command and
 * is read as the same again.
 */
public final class AddressFuzz {
  private AddressFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    address(text);
    address(wide(input));
    try {
      Domain domain = new Domain(text);
      require(domain.name().matches("[a-z0-9._-]+|\\[[0-9A-Za-z:.]+]"), "a domain: " + domain);
      require(new Domain(domain.name()).equals(domain), "the domain again");
      require(domain.matches(domain.name()), "a domain matches itself");
    } catch (IllegalArgumentException e) {
      // none
    }
    try {
      ReversePath path = ReversePath.parse(text);
      require(ReversePath.parse(path.toString()).equals(path), "the reverse path again");
    } catch (IllegalArgumentException e) {
      // none
    }
    try {
      SmtpReply.parse(text);
    } catch (IllegalArgumentException e) {
      // none
    }
    try {
      Networks.parse(text);
    } catch (IllegalArgumentException e) {
      // none
    }
  }

  /** Two octets a character, also halves of pairs. */
  private static String wide(byte[] input) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i + 1 < input.length; i += 2) {
      text.append((char) ((input[i] & 0xFF) << 8 | input[i + 1] & 0xFF));
    }
    return text.toString();
  }

  private static void address(String text) {
    EmailAddress address;
    try {
      address = EmailAddress.parse(text);
    } catch (IllegalArgumentException e) {
      return;
    }
    String written = address.toString();
    require(EmailAddress.parse(written).equals(address), "the address again");
    require(written.matches("(?s)[^\\x00-\\x1f\\x7f]+"), "no control characters");
    byte[] octets = written.getBytes(StandardCharsets.UTF_8);
    require(new String(octets, StandardCharsets.UTF_8).equals(written), "on the wire it stays");
    require(octets.length <= 254, "its length");
    boolean quoted = address.localPart().startsWith("\"");
    require(quoted || written.matches("[^ <>,;:\"\\\\()\\[\\]@]+@.*"), "no specials: " + written);
  }

  private static void require(boolean truth, String what) {
    if (!truth) {
      throw new AssertionError(what);
    }
  }
}
