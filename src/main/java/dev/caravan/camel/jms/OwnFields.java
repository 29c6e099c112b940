package dev.caravan.camel.jms;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Header fields that an application sets itself. */
final class OwnFields {
  static final int MAX = 100;
  static final int VALUE_MAX = 10_000;

  private static final int NAME_MAX = 70;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,69}");
  private static final Set<String> OURS =
      Set.of(
          "from",
          "sender",
          "reply-to",
          "to",
          "cc",
          "bcc",
          "subject",
          "date",
          "message-id",
          "mime-version",
          "return-path",
          "received",
          "dkim-signature",
          "authentication-results");

  /** How fields begin of which whole families are ours. */
  private static final Set<String> FAMILIES = Set.of("content-", "resent-", "arc-", "received-");

  private OwnFields() {}

  /** That a field of this name may be set. */
  static void requireName(String name) throws RefusedException {
    if (!NAME.matcher(name).matches()) {
      throw new RefusedException(
          "5.6.0",
          "the name of a header field has letters, digits and hyphens, at most " + NAME_MAX);
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (OURS.contains(lower) || FAMILIES.stream().anyMatch(lower::startsWith)) {
      throw new RefusedException("5.6.0", "the header field " + name + " is made by the gateway");
    }
  }

  /** The field, with its CRLF. */
  static String text(Draft.Field field) throws RefusedException {
    requireName(field.name());
    requireValue(field.value());
    return HeaderText.unstructured(field.name(), field.value().strip());
  }

  /** That it may be a field's value. */
  static void requireValue(String value) throws RefusedException {
    HeaderText.requireOneLine("a header field", value);
    if (value.isBlank() || value.length() > VALUE_MAX) {
      throw new RefusedException("5.6.0", "a header field has 1 to 10000 characters");
    }
  }
}
