package dev.caravan.camel.spool;

/** No mail can be taken in now: the disk or the broker is full. Answered {@code 452 4.3.1}. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public QueueFullException(String reason) {
    super(reason);
  }
}
