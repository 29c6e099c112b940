package dev.caravan.delivery.tls;

import java.util.Optional;

/** Whether one server of a domain may be connected to, and how. */
public sealed interface Choice {
  /** Whether there is to be TLS. */
  enum Need {
    NEVER,
    IF_OFFERED,
    ALWAYS
  }

  /**
   * It may.
   *
   * @param found the policy that was applied, for reports
   * @param wrong what a policy that is only tested already says against the server
   */
  record Go(Need need, Expected expected, Found found, Optional<TlsTrouble> wrong)
      implements Choice {
    Go(Need need, Expected expected, Found found) {
      this(need, expected, found, Optional.empty());
    }

    /** Whether its certificate will be looked at. */
    boolean isChecked() {
      return expected.check().filter(c -> !(c instanceof PeerCheck.Anybody)).isPresent();
    }
  }

  /** Not now. */
  record Not(TlsTrouble trouble, Found found) implements Choice {}
}
