package dev.caravan.ops.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/** Sends mails to a server and waits for them at a sink, round by round. */
final class Benchmark implements AutoCloseable {
  private static final long LOOK_MILLIS = 2;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Plan plan;
  private final Optional<SSLContext> tls;
  private final Sink sink;
  private final AtomicReference<Marks> marks = new AtomicReference<>(new Marks(0, 0));
  private int next = 1;

  Benchmark(Plan plan, int sinkPort, Optional<SSLContext> tls) throws IOException {
    this.plan = plan;
    this.tls = tls;
    this.sink = new Sink(sinkPort, plan.sites(), tls, number -> marks.get().arrived(number));
  }

  int sinkPort() {
    return sink.port();
  }

  /** Sends as many as the plan says before it is measured, at full rate. */
  void warmUp(InetSocketAddress server) throws IOException, InterruptedException {
    Round warm = round(server, Optional.empty(), plan.warmUp(), Optional.empty());
    assert warm.deliveredRate() > 0;
  }

  /**
   * @param process of the server; empty when it is not ours
   */
  Round round(InetSocketAddress server, Optional<ProcessHandle> process)
      throws IOException, InterruptedException {
    return round(server, process, plan.mails(), plan.rate());
  }

  private Round round(
      InetSocketAddress server, Optional<ProcessHandle> process, int mails, Optional<Double> rate)
      throws IOException, InterruptedException {
    int first = next;
    next += mails;
    Marks fresh = new Marks(first, mails);
    marks.set(fresh);
    Instant from = Instant.now();
    Optional<ProcessUse> before = use(process);
    long start = System.nanoTime();
    new Load(server, plan, rate, tls, fresh).send(first, mails);
    double accepted = (System.nanoTime() - start) / NANOS_PER_SECOND;
    awaitAll(fresh, mails);
    double delivered = (System.nanoTime() - start) / NANOS_PER_SECOND;
    Optional<ProcessUse> after = use(process);
    double cpu =
        before
            .flatMap(b -> after.map(a -> a.cpu().minus(b.cpu()).toNanos() / NANOS_PER_MILLI))
            .orElse(0.0);
    long[] times = fresh.latencies();
    return new Round(
        mails / accepted,
        mails / delivered,
        cpu / mails,
        percentile(times, 0.5),
        percentile(times, 0.95),
        percentile(times, 0.99),
        percentile(times, 1),
        after.map(ProcessUse::residentMegabytes).orElse(0L),
        fresh.doubles(),
        from,
        Instant.now());
  }

  private static Optional<ProcessUse> use(Optional<ProcessHandle> process) throws IOException {
    return process.isPresent() ? Optional.of(ProcessUse.of(process.get())) : Optional.empty();
  }

  private void awaitAll(Marks round, int mails) throws IOException, InterruptedException {
    long patience = plan.patience().toNanos();
    int seen = -1;
    long since = System.nanoTime();
    while (round.deliveredCount() < mails) {
      if (round.deliveredCount() > seen) {
        seen = round.deliveredCount();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience) {
        throw new IOException(
            "of %d mails %d were accepted and %d have come; none for %d s"
                .formatted(mails, round.acceptedCount(), seen, plan.patience().toSeconds()));
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static double percentile(long[] sorted, double part) {
    if (sorted.length == 0) {
      return 0;
    }
    int index = (int) Math.ceil(part * sorted.length) - 1;
    return sorted[Math.clamp(index, 0, sorted.length - 1)] / NANOS_PER_MILLI;
  }

  @Override
  public void close() throws IOException {
    sink.close();
  }
}
