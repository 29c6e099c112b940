package dev.caravan.ops;

import dev.caravan.settings.Problem;
import dev.caravan.settings.Settings;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway from its start to its stop, with what is told on standard output and error. */
final class GatewayRun {
  private static final List<String> ORDER =
      List.of("smtp", "submission", "submissions", "broker", "http");

  /** What the stop may take beyond caravan.shutdown.timeout: closing the journal, and so on. */
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final RunningGateway.Starter starter;
  private final PrintWriter out;
  private final PrintWriter err;

  GatewayRun(RunningGateway.Starter starter, PrintWriter out, PrintWriter err) {
    this.starter = starter;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs it until SIGTERM or SIGINT.
   *
   * @return the exit status
   * @throws Exception when it can't start
   */
  int call(Callable<Settings> source) throws Exception {
    Stop stop = new Stop(MARGIN);
    int status = Commands.NO;
    try {
      status = run(source.call(), stop);
    } finally {
      starter.ended();
      stop.finished(status);
    }
    return status;
  }

  private int run(Settings settings, Stop stop) throws Exception {
    starter.configured(settings);
    stop.patience(settings.duration("caravan.shutdown.timeout").plus(MARGIN));
    try {
      tell(Ports.problems(settings));
      if (!stop.isRequested()) {
        untilStopped(settings, stop);
      }
      return 0;
    } catch (WrongConfiguration e) {
      return Commands.NO;
    }
  }

  /** Tells them at once: what has begun may take a while to end. */
  private void tell(List<String> problems) throws WrongConfiguration {
    if (!problems.isEmpty()) {
      problems.forEach(err::println);
      err.flush();
      throw new WrongConfiguration();
    }
  }

  private void untilStopped(Settings settings, Stop stop) throws Exception {
    try (DataDir data = DataDir.open(settings.dataDir());
        RunningGateway gateway = start(settings)) {
      Logger log = LoggerFactory.getLogger(GatewayRun.class);
      gateway.onLoss(reason -> giveUp(log, reason));
      Map<String, String> ports = ordered(gateway.ports());
      data.writeRunFile(new RunFile(ProcessHandle.current().pid(), ports, Instant.now()));
      StringBuilder ready = new StringBuilder("caravan ready");
      ports.forEach((name, at) -> ready.append(' ').append(name).append('=').append(at));
      out.println(ready);
      out.flush();
      stop.await();
      log.info("stopping");
      data.removeRunFile();
    }
  }

  /**
   * Without its queue it could neither take mail nor stop in order: whoever runs us starts us
   * again.
   */
  private void giveUp(Logger log, String reason) {
    log.error("the queue is lost: {}; ending: start again when that is mended", reason);
    starter.ended();
    Runtime.getRuntime().halt(Commands.NO);
  }

  private RunningGateway start(Settings settings) throws Failure, WrongConfiguration {
    try {
      return starter.start(settings, () -> tell(lines(ConfigCheck.problemsBeforeStart(settings))));
    } catch (WrongConfiguration e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      LoggerFactory.getLogger(GatewayRun.class).debug("start failed", e);
      // It may be a key that rules which were not checked can't take: the check says where.
      tell(lines(ConfigCheck.problems(settings)));
      throw new Failure("the gateway can't start: " + Failure.sentence(e), e);
    }
  }

  private static List<String> lines(List<Problem> problems) {
    return problems.stream().map(Problem::toString).toList();
  }

  private static Map<String, String> ordered(Map<String, String> ports) {
    Map<String, String> ordered = new LinkedHashMap<>();
    for (String name : ORDER) {
      String at = ports.get(name);
      if (at != null) {
        ordered.put(name, at);
      }
    }
    // What the operator has added in the routes.
    ports.forEach(ordered::putIfAbsent);
    return ordered;
  }

  /** The operator has been told what is wrong. */
  private static final class WrongConfiguration extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
