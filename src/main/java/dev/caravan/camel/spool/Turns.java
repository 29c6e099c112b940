package dev.caravan.camel.spool;

/** What a consumer does with a mail whose site can't be given more at the moment. */
public enum Turns {
  /** It doesn't ask. */
  NONE,
  /** Moves it to the site's lane. */
  LANE,
  /** Waits, with the mail still in its queue. */
  WAIT
}
