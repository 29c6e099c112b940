package dev.caravan.delivery;

/** Hears of every connection of the client. Called by many threads; must return at once. */
public interface ConnectionCounts {
  /** Nobody counts. */
  ConnectionCounts NONE =
      new ConnectionCounts() {
        @Override
        public void opened(String site, String tls) {}

        @Override
        public void reused(String site) {}

        @Override
        public void failed(String site) {}
      };

  /**
   * A connection has been made, up to the point where mail can be sent.
   *
   * @param tls protocol and cipher; empty in clear text
   */
  void opened(String site, String tls);

  /** A connection that was kept is used for one more mail. */
  void reused(String site);

  /** None could be made: no answer, no TLS, a wrong password, a server that does not want us. */
  void failed(String site);
}
