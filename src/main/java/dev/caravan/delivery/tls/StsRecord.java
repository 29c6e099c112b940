package dev.caravan.delivery.tls;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The TXT record that tells that there is a policy (RFC 8461, 3.1). */
final class StsRecord {
  private static final String BEGIN = "v=STSv1";
  private static final String FIELD =
      "[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\\x21-\\x3A\\x3C\\x3E-\\x7E]+";
  private static final Pattern FORM =
      Pattern.compile("v=STSv1(?:[ \\t]*;[ \\t]*" + FIELD + ")+[ \\t]*;?[ \\t]*");
  private static final Pattern ID = Pattern.compile(";[ \\t]*id=([A-Za-z0-9]{1,32})[ \\t]*(?:;|$)");

  private StsRecord() {}

  /** The policy's id; empty without a record, with two of them, or with a malformed one. */
  static Optional<String> id(List<String> texts) {
    List<String> records =
        texts.stream()
            .filter(
                t ->
                    t.startsWith(BEGIN)
                        && (t.length() == BEGIN.length() || " \t;".indexOf(t.charAt(7)) >= 0))
            .toList();
    if (records.size() != 1 || !FORM.matcher(records.getFirst()).matches()) {
      return Optional.empty();
    }
    Matcher id = ID.matcher(records.getFirst());
    return id.find() ? Optional.of(id.group(1)) : Optional.empty();
  }
}
