package dev.caravan.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * Asks recursive servers, without a cache: UDP, TCP when the answer was truncated, the servers in
 * turn, aliases followed within a bound, and never more than so many questions at a time.
 */
final class DnsClient {
  private static final int MAX_ALIASES = 10;

  /** What passes every network in one piece. */
  private static final int PAYLOAD_MAX = 1232;

  /**
   * What was learnt.
   *
   * @param ttlSeconds how long the servers let us believe it; -1 when they did not say
   * @param secure whether a trusted server has validated all of it
   * @param name what was asked about, after all aliases
   */
  record Reply(Answer<Record> answer, long ttlSeconds, boolean secure, Name name) {
    static Reply failed(String reason, Name name) {
      return new Reply(new Answer.Failed<>(reason), 0, false, name);
    }
  }

  /**
   * One server.
   *
   * @param trusted whether its word counts that an answer is secure
   */
  private record Server(SimpleResolver resolver, boolean trusted) {}

  private record Said(Message message, boolean secure) {}

  /** A question that no server answered. */
  private static final class NoReply extends Exception {
    private static final long serialVersionUID = 1;

    NoReply(String reason) {
      super(reason, null, false, false);
    }
  }

  private final List<Server> servers;
  private final Duration timeout;
  private final int tries;
  private final Semaphore permits;
  private final AtomicInteger next = new AtomicInteger();

  DnsClient(
      List<InetSocketAddress> servers,
      DnsServers.Trust trust,
      Duration timeout,
      int tries,
      int concurrency) {
    this.servers =
        servers.stream()
            .map(
                address -> {
                  SimpleResolver server = new SimpleResolver(address);
                  server.setTimeout(timeout);
                  return new Server(server, trust.includes(address));
                })
            .toList();
    this.timeout = timeout;
    this.tries = tries;
    this.permits = new Semaphore(concurrency);
  }

  /** Asks; takes at most twice as long as all tries together. */
  Reply ask(Name name, int type) {
    long budget = timeout.multipliedBy(2L * tries).toNanos();
    long deadline = System.nanoTime() + budget;
    try {
      if (!permits.tryAcquire(budget, TimeUnit.NANOSECONDS)) {
        return Reply.failed("too many questions at a time", name);
      }
      try {
        return follow(name, type, deadline);
      } finally {
        permits.release();
      }
    } catch (NoReply e) {
      return Reply.failed(String.valueOf(e.getMessage()), name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.failed("interrupted", name);
    }
  }

  private Reply follow(Name question, int type, long deadline)
      throws NoReply, InterruptedException {
    Name name = question;
    long ttl = Long.MAX_VALUE;
    int aliases = 0;
    boolean secure = true;
    while (true) {
      Said said = exchange(name, type, deadline);
      secure &= said.secure();
      Message message = said.message();
      List<Record> section = message.getSection(Section.ANSWER);
      boolean aliased = false;
      while (true) {
        List<Record> found = new ArrayList<>();
        Record alias = null;
        for (Record record : section) {
          if (record.getDClass() == DClass.IN && record.getName().equals(name)) {
            if (record.getType() == type) {
              found.add(record);
              ttl = Math.min(ttl, record.getTTL());
            } else if (record instanceof CNAMERecord) {
              alias = record;
            }
          }
        }
        if (!found.isEmpty()) {
          return new Reply(new Answer.Found<>(found), ttl, secure, name);
        }
        if (!(alias instanceof CNAMERecord cname)) {
          break;
        }
        if (++aliases > MAX_ALIASES) {
          return Reply.failed("more than " + MAX_ALIASES + " aliases", question);
        }
        ttl = Math.min(ttl, cname.getTTL());
        name = cname.getTarget();
        aliased = true;
      }
      long negative = negativeTtl(message);
      // the response code of an alias is that of its target (RFC 6604)
      if (message.getRcode() == Rcode.NXDOMAIN) {
        return new Reply(new Answer.NoSuchName<>(), Math.min(ttl, negative), secure, name);
      }
      if (!aliased || negative >= 0) {
        return new Reply(new Answer.NoData<>(), Math.min(ttl, negative), secure, name);
      }
      // an alias whose target the server left to us
    }
  }

  /** How long a negative answer holds (RFC 2308, 5); -1 without an SOA record. */
  private static long negativeTtl(Message message) {
    for (Record record : message.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Math.min(soa.getTTL(), soa.getMinimum());
      }
    }
    return -1;
  }

  private Said exchange(Name name, int type, long deadline) throws NoReply, InterruptedException {
    Record question = Record.newRecord(name, type, DClass.IN);
    int first = Math.floorMod(next.getAndIncrement(), servers.size());
    Set<Server> refused = new HashSet<>();
    String trouble = "no name server";
    for (int i = 0; i < Math.max(tries, servers.size()); i++) {
      Server server = servers.get((first + i) % servers.size());
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      if (refused.contains(server)) {
        continue;
      }
      try {
        Message message =
            server
                .resolver()
                .sendAsync(query(question, server.trusted()))
                .toCompletableFuture()
                .get(Math.min(left, 2 * timeout.toNanos()), TimeUnit.NANOSECONDS);
        int rcode = message.getRcode();
        Record echoed = message.getQuestion();
        if (echoed == null || !echoed.getName().equals(name) || echoed.getType() != type) {
          trouble = "the answer to another question";
        } else if (rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN) {
          return new Said(message, server.trusted() && message.getHeader().getFlag(Flags.AD));
        } else {
          trouble = Rcode.string(rcode);
          refused.add(server);
        }
      } catch (TimeoutException e) {
        trouble = "time-out";
      } catch (ExecutionException e) {
        trouble = reason(e.getCause());
      }
    }
    throw new NoReply(trouble);
  }

  /** Whether an answer is secure is asked of a trusted server only (RFC 6840, 5.7: AD; DO). */
  private static Message query(Record question, boolean trusted) {
    Message query = Message.newQuery(question);
    boolean matters =
        switch (question.getType()) {
          case Type.MX, Type.A, Type.AAAA, Type.CNAME, Type.TLSA -> true;
          default -> false;
        };
    if (trusted && matters) {
      query.getHeader().setFlag(Flags.AD);
      query.addRecord(new OPTRecord(PAYLOAD_MAX, 0, 0, ExtendedFlags.DO), Section.ADDITIONAL);
    }
    return query;
  }

  private static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "unknown";
    }
    String text = String.valueOf(cause.getMessage());
    return text.toLowerCase(Locale.ROOT).contains("timed out")
        ? "time-out"
        : cause.getClass().getSimpleName() + ": " + text;
  }
}
