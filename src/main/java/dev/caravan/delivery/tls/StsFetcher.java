package dev.caravan.delivery.tls;

import dev.caravan.mail.Domain;

/** Gets the text of a policy. Blocking, within a bounded time. */
interface StsFetcher {
  /**
   * The policy as the domain's server has it.
   *
   * @throws FetchException when there is none to be had
   * @throws InterruptedException when nobody waits any more
   */
  String fetch(Domain domain) throws FetchException, InterruptedException;

  /** It could not be had. */
  final class FetchException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient TlsTrouble trouble;

    FetchException(TlsResult result, String reason) {
      super(reason, null, false, false);
      trouble = new TlsTrouble(result, reason);
    }

    TlsTrouble trouble() {
      return trouble;
    }
  }
}
