import java.util.BitSet;
import java.util.stream.Collectors;

/** What became of every mail of a soak, by its number. */
final class SoakLedger {
  private final BitSet accepted = new BitSet();
  private final BitSet doubtful = new BitSet();
  private final BitSet delivered = new BitSet();
  private final BitSet bounced = new BitSet();
  private final BitSet tried = new BitSet();
  private int refused;
  private int doubles;
  private int doublesAllowed;
  private int damaged;
  private long arrivals;

  /** 250 to its final dot, or its commit came back: it must arrive. */
  synchronized void accepted(int mail) {
    doubtful.clear(mail);
    accepted.set(mail);
  }

  /** Its end is sent: it may arrive. */
  synchronized void doubtful(int mail) {
    doubtful.set(mail);
  }

  /** It must not arrive. */
  synchronized void refused(int mail) {
    doubtful.clear(mail);
    refused++;
  }

  /** Whether this is the first attempt at it. */
  synchronized boolean first(int mail) {
    boolean first = !tried.get(mail);
    tried.set(mail);
    return first;
  }

  /**
   * A server has it.
   *
   * @param told whether the server will say so: else it will come again
   */
  synchronized void delivered(int mail, boolean whole, boolean told) {
    arrivals++;
    if (!whole) {
      damaged++;
    }
    if (delivered.get(mail)) {
      doubles++;
    }
    if (!told) {
      doublesAllowed++;
    }
    delivered.set(mail);
  }

  /** Its sender was told that it can't be delivered. */
  synchronized void bounced(int mail) {
    arrivals++;
    if (bounced.get(mail)) {
      doubles++;
    }
    bounced.set(mail);
  }

  /** Whatever came out, as a sign of life. */
  synchronized long arrivals() {
    return arrivals;
  }

  synchronized int accepted() {
    return accepted.cardinality();
  }

  /** Different ones, whose sender may not have heard that they were accepted. */
  synchronized int delivered() {
    return delivered.cardinality();
  }

  synchronized int bounced() {
    return bounced.cardinality();
  }

  /** Accepted, and neither delivered nor bounced. */
  synchronized int missing() {
    return missingMails().cardinality();
  }

  private BitSet missingMails() {
    BitSet missing = (BitSet) accepted.clone();
    missing.andNot(delivered);
    missing.andNot(bounced);
    return missing;
  }

  /** Of which nobody knows whether they were accepted, and that did not arrive. */
  private int neverCame() {
    BitSet never = (BitSet) doubtful.clone();
    never.andNot(delivered);
    never.andNot(bounced);
    return never.cardinality();
  }

  /** Arrived, though they must not; or came back, though they were delivered. */
  private int wrong() {
    BitSet came = (BitSet) delivered.clone();
    came.or(bounced);
    came.andNot(accepted);
    came.andNot(doubtful);
    BitSet both = (BitSet) delivered.clone();
    both.and(bounced);
    return came.cardinality() + both.cardinality();
  }

  /** What is wrong, in a sentence; empty when nothing is. */
  synchronized String complaint() {
    if (missing() > 0) {
      return "%d accepted mails neither delivered nor bounced: %s"
          .formatted(
              missing(),
              missingMails().stream()
                  .limit(20)
                  .mapToObj(Integer::toString)
                  .collect(Collectors.joining(", ")));
    }
    if (wrong() > 0 || damaged > 0) {
      return "%d mails came that must not, %d were damaged".formatted(wrong(), damaged);
    }
    return doubles > doublesAllowed
        ? "%d mails came twice, %d may have".formatted(doubles, doublesAllowed)
        : "";
  }

  /** Those that were accepted, and those whose clients went before they heard it. */
  synchronized String account() {
    BitSet heard = (BitSet) delivered.clone();
    heard.and(accepted);
    BitSet back = (BitSet) bounced.clone();
    back.and(accepted);
    return ("%d accepted = %d delivered + %d bounced; of %d whose client had gone after the final"
            + " dot %d came; %d refused; %d came twice (%d may have)")
        .formatted(
            accepted.cardinality(),
            heard.cardinality(),
            back.cardinality(),
            doubtful.cardinality(),
            doubtful.cardinality() - neverCame(),
            refused,
            doubles,
            doublesAllowed);
  }
}
