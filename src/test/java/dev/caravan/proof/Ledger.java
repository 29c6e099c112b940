package dev.caravan.proof;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** What became of every mail, by its id: what its sender was told, and what has arrived. */
final class Ledger {
  /** What its sender knows. */
  enum Fate {
    /** Its end was never sent: it must not arrive. */
    BEGUN,
    /** Its end was sent, no answer came: it may arrive. */
    IN_DOUBT,
    /** 250, or the commit came back: it must arrive. */
    ACCEPTED,
    /** It must not arrive. */
    REFUSED,
    /** 4xx to its end: it must not arrive, unless the broker failed meanwhile. */
    DEFERRED
  }

  /** One mail. */
  static final class Entry {
    private final String id;
    private final long begun = System.nanoTime();
    private volatile Fate fate = Fate.BEGUN;
    private final AtomicInteger delivered = new AtomicInteger();
    private final AtomicInteger bounced = new AtomicInteger();
    private volatile long firstDelivered;

    private Entry(String id) {
      this.id = id;
    }

    String id() {
      return id;
    }

    void is(Fate now) {
      fate = now;
    }

    private boolean isMissing() {
      return fate == Fate.ACCEPTED && delivered.get() == 0 && bounced.get() == 0;
    }
  }

  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger damaged = new AtomicInteger();
  private final AtomicInteger arrivals = new AtomicInteger();

  private volatile boolean brokerFails;

  /** The broker is killed, or can't write any more: whether it has a mail then, nobody can tell. */
  void brokerFails() {
    brokerFails = true;
  }

  /** A new mail. */
  Entry begin(String way) {
    Entry entry = new Entry(way + next.incrementAndGet());
    entries.put(entry.id, entry);
    return entry;
  }

  /** A mail has come out of the gateway. */
  void delivered(String id, boolean whole) {
    arrivals.incrementAndGet();
    Entry entry = entries.get(id);
    if (entry == null || !whole) {
      damaged.incrementAndGet();
      return;
    }
    if (entry.delivered.getAndIncrement() == 0) {
      entry.firstDelivered = System.nanoTime();
    }
  }

  /** Its sender was told that it can't be delivered. */
  void bounced(String id) {
    arrivals.incrementAndGet();
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.bounced.incrementAndGet();
    }
  }

  /** Whatever came out, as a sign of life. */
  int arrivals() {
    return arrivals.get();
  }

  int count(Fate fate) {
    return count(e -> e.fate == fate);
  }

  int delivered() {
    return count(e -> e.delivered.get() > 0);
  }

  int bounced() {
    return count(e -> e.bounced.get() > 0);
  }

  /** Deliveries beyond the first of each. */
  int doubles() {
    return entries.values().stream().mapToInt(e -> Math.max(0, e.delivered.get() - 1)).sum();
  }

  /** Accepted, and neither delivered nor bounced. */
  int missing() {
    return count(Entry::isMissing);
  }

  /** Some of them. */
  List<String> missingIds() {
    return entries.values().stream().filter(Entry::isMissing).map(Entry::id).limit(20).toList();
  }

  /** Arrived in another form than they were sent, or although they were refused or never ended. */
  int wrong() {
    return damaged.get() + count(e -> e.delivered.get() > 0 && mustNotArrive(e.fate));
  }

  private boolean mustNotArrive(Fate fate) {
    return switch (fate) {
      case BEGUN, REFUSED -> true;
      case DEFERRED -> !brokerFails;
      case IN_DOUBT, ACCEPTED -> false;
    };
  }

  /** Of the mails begun after this instant, when the first was delivered; 0 = none yet. */
  long servedAfter(long instant) {
    return entries.values().stream()
        .filter(e -> e.begun - instant > 0 && e.delivered.get() > 0)
        .mapToLong(e -> e.firstDelivered)
        .min()
        .orElse(0);
  }

  /** Accepted mails that were begun before this instant and have not come out yet. */
  int missingOf(long instant) {
    return count(e -> e.begun - instant < 0 && e.isMissing());
  }

  private int count(Predicate<Entry> which) {
    Collection<Entry> all = entries.values();
    return (int) all.stream().filter(which).count();
  }
}
