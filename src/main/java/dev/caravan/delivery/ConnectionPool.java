package dev.caravan.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Connections kept for the next mail, by hop, and how many a site may have at once. The lock guards
 * the lists only; nobody holds it while talking to a server.
 */
final class ConnectionPool implements AutoCloseable {
  private static final int IDLE_MAX = 500;

  private volatile ClientOptions options;
  private final Watchdog watchdog = new Watchdog();
  private final Reach reach = new Reach();
  private final int siteConcurrency;
  private volatile SiteLimits limits = SiteLimits.NONE;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Hop, Deque<SmtpConnection>> idle = new ConcurrentHashMap<>();
  private final Map<String, Site> sites = new ConcurrentHashMap<>();
  private int idleCount;
  private boolean closed;

  /** The places of a site, and how many use or wait for one. */
  private static final class Site {
    final Semaphore places;
    int users;

    Site(int places) {
      this.places = new Semaphore(places, true);
    }
  }

  ConnectionPool(ClientOptions options, int siteConcurrency) {
    this.options = options;
    this.siteConcurrency = siteConcurrency;
  }

  void limit(SiteLimits other) {
    limits = other;
  }

  private int places(String site) {
    return limits.concurrency(site).orElse(siteConcurrency);
  }

  /** Waits for a place at the site; closing gives it back. */
  Place enter(String name) throws InterruptedException {
    Site site =
        sites.compute(
            name,
            (n, known) -> {
              Site s = known == null ? new Site(places(n)) : known;
              s.users++;
              return s;
            });
    try {
      site.places.acquire();
    } catch (InterruptedException e) {
      leave(name);
      throw e;
    }
    return () -> {
      site.places.release();
      leave(name);
    };
  }

  private void leave(String name) {
    sites.computeIfPresent(name, (n, s) -> --s.users == 0 ? null : s);
  }

  /** A place at a site. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** From the next connection on. */
  void use(ClientSettings settings) {
    options = settings.over(options);
  }

  /** The hops in the order to try them. */
  List<Hop> order(List<Hop> hops) {
    return reach.order(hops);
  }

  /** A connection that is kept for this hop, if there is one. */
  Optional<SmtpConnection> take(Hop hop) {
    List<SmtpConnection> stale = new ArrayList<>();
    Optional<SmtpConnection> found = Optional.empty();
    lock.lock();
    try {
      Deque<SmtpConnection> kept = idle.get(hop);
      while (kept != null && !kept.isEmpty() && found.isEmpty()) {
        SmtpConnection connection = kept.pop();
        idleCount--;
        if (connection.isStale(System.nanoTime())) {
          stale.add(connection);
        } else {
          found = Optional.of(connection);
        }
      }
      if (kept != null && kept.isEmpty()) {
        idle.remove(hop);
      }
    } finally {
      lock.unlock();
    }
    stale.forEach(SmtpConnection::close);
    return found;
  }

  /**
   * Opens one.
   *
   * @param last whether there is no other address to try
   */
  SmtpConnection open(Hop hop, boolean clearText, boolean last, Transcript transcript)
      throws HopException {
    Duration connect = last ? options.connect() : options.times().connectQuick();
    return SmtpConnection.open(hop, options, watchdog, clearText, transcript, connect, reach);
  }

  /** Keeps it for the next mail, or closes it. */
  void giveBack(SmtpConnection connection) {
    connection.record(Transcript.EMPTY);
    boolean kept = false;
    if (connection.isReusable()) {
      lock.lock();
      try {
        if (!closed && idleCount < IDLE_MAX) {
          idle.computeIfAbsent(connection.hop(), h -> new ArrayDeque<>()).push(connection);
          idleCount++;
          kept = true;
        }
      } finally {
        lock.unlock();
      }
    }
    if (!kept) {
      connection.close();
    }
  }

  /** Whether nobody is at a site, and there is no connection. */
  boolean isUnused() {
    return sites.isEmpty() && watchdog.isIdle();
  }

  /** Closes what has been idle too long, and what is waited for too long. */
  void sweep() {
    watchdog.look();
    List<SmtpConnection> stale = new ArrayList<>();
    lock.lock();
    try {
      long now = System.nanoTime();
      idle.values()
          .forEach(
              kept ->
                  kept.removeIf(
                      c -> {
                        boolean old = c.isStale(now);
                        if (old) {
                          stale.add(c);
                          idleCount--;
                        }
                        return old;
                      }));
      idle.values().removeIf(Deque::isEmpty);
    } finally {
      lock.unlock();
    }
    stale.forEach(SmtpConnection::close);
  }

  @Override
  public void close() {
    List<SmtpConnection> all = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      idle.values().forEach(all::addAll);
      idle.clear();
      idleCount = 0;
    } finally {
      lock.unlock();
    }
    all.forEach(SmtpConnection::close);
  }
}
