package dev.caravan.policy.spf;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Any TXT record is a policy or has an error that is permanent. */
public final class SpfRecordFuzz {
  private static final Set<Character> SIGNS = Set.of('+', '-', '~', '?');

  private SpfRecordFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String text = "v=spf1 " + new String(input, StandardCharsets.ISO_8859_1);
    SpfRecord record;
    try {
      record = SpfRecord.parse(text);
    } catch (SpfException e) {
      if (e.problem().isBlank()) {
        throw new AssertionError("an error without a reason", e);
      }
      return;
    }
    for (SpfRecord.Directive directive : record.directives()) {
      if (!text.contains(directive.text())) {
        throw new AssertionError("not as published: " + directive.text());
      }
      boolean signed = SIGNS.contains(directive.text().charAt(0));
      if (!signed && directive.result() != SpfResult.Kind.PASS) {
        throw new AssertionError("no sign means pass: " + directive);
      }
    }
  }
}
