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
   * @param why for operators: which limit, or what the site said last
   * @param told the same for senders, who need not know what operators think
   * @param nanos when it is worth asking again at the latest
   */
  record Later(String why, String told, long nanos) implements Entry {
    Later(String why, long nanos) {
      this(why, why, nanos);
    }
  }
}
