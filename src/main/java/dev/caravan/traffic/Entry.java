package dev.caravan.traffic;

/** Whether a mail may be tried now. */
public sealed interface Entry {
  /** It may; closing gives the place back. Closing twice does nothing. */
  non-sealed interface Turn extends Entry, AutoCloseable {
    @Override
    void close();
  }

  /**
   * Not now.
   *
   * @param why for people: which limit, or what the site said last
   * @param nanos when it is worth asking again at the latest
   */
  record Later(String why, long nanos) implements Entry {}
}
