package dev.caravan.policy.spf;

import java.util.Locale;

/**
 * What {@code check_host()} says (RFC 7208, 2.6).
 *
 * @param domain whose policy was asked: of the reverse path, or of HELO
 * @param mechanism the directive that matched, as published; {@code default} when none did, empty
 *     without a policy
 * @param explanation what the domain tells those it refuses (6.2); empty without one. Written by a
 *     stranger: sanitise it
 * @param problem why there is an error or no policy; empty otherwise
 */
public record SpfResult(
    Kind kind, String domain, String mechanism, String explanation, String problem) {

  /** The seven results. */
  public enum Kind {
    /** No policy, or no domain to ask. */
    NONE,
    /** The domain does not say. */
    NEUTRAL,
    PASS,
    FAIL,
    /** Probably not, says the domain. */
    SOFTFAIL,
    /** The DNS did not answer. */
    TEMPERROR,
    /** The domain's policy can't be understood. */
    PERMERROR;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
