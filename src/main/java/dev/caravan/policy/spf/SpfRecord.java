package dev.caravan.policy.spf;

import java.util.List;
import java.util.Optional;

/**
 * A policy as its domain publishes it (RFC 7208, 4.6 and 12), without a syntax error anywhere.
 *
 * @param redirect where to ask when no directive matches
 * @param explanation whose TXT record explains a fail
 */
record SpfRecord(
    List<Directive> directives, Optional<MacroString> redirect, Optional<MacroString> explanation) {

  /**
   * One directive.
   *
   * @param result what it means when the mechanism matches
   * @param text as published
   */
  record Directive(SpfResult.Kind result, Mechanism mechanism, String text) {}

  private static final String VERSION = "v=spf1";

  /** Whether this TXT record is a policy (4.5). */
  static boolean isPolicy(String txt) {
    return txt.regionMatches(true, 0, VERSION, 0, VERSION.length())
        && (txt.length() == VERSION.length() || txt.charAt(VERSION.length()) == ' ');
  }

  /** Reads a TXT record that {@link #isPolicy}; a syntax error is permanent. */
  static SpfRecord parse(String txt) throws SpfException {
    return new SpfParser().parse(txt.substring(VERSION.length()));
  }
}
