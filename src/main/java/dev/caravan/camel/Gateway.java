package dev.caravan.camel;

import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Users;
import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.camel.broker.ExternalBroker;
import dev.caravan.camel.rule.DirectBeanFactory;
import dev.caravan.camel.rule.DirectBeanLanguage;
import dev.caravan.camel.smtp.Shortage;
import dev.caravan.camel.smtp.SmtpComponent;
import dev.caravan.camel.spool.OrderOptions;
import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.camel.spool.SpoolMessages;
import dev.caravan.delivery.Transport;
import dev.caravan.netty.Encryption;
import dev.caravan.queue.MailCodec;
import dev.caravan.settings.Settings;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.spi.BeanProcessorFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running gateway: the broker first, then the routes; stopped in the opposite order, so that
 * whatever was accepted is in the broker and whatever is in delivery ends or goes back.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /** PropertiesComponent.SYSTEM_PROPERTIES_MODE_NEVER, and its twin of the environment. */
  private static final String NEVER = "0";

  /** For everything but mail. */
  private static final int HTTP_THREADS = 20;

  /** Octets of a request to the HTTP port, except for one that brings mail. */
  private static final String HTTP_BODY_MAX = "1048576";

  private final Settings settings;
  private final Broker broker;
  private final Main main;
  private final Map<String, String> ports;

  private Gateway(Settings settings, Broker broker, Main main, Map<String, String> ports) {
    this.settings = settings;
    this.broker = broker;
    this.main = main;
    this.ports = ports;
  }

  /** What must hold before a route is started; throws when it does not. */
  @FunctionalInterface
  public interface Check {
    /**
     * Looks.
     *
     * @throws Exception when the gateway must not start
     */
    void run() throws Exception;
  }

  /**
   * Starts everything; returns when mail can be accepted.
   *
   * @throws Exception when a port is taken, a file can't be used, or a route is wrong
   */
  public static Gateway start(Settings settings) throws Exception {
    return start(settings, () -> {});
  }

  /**
   * The same, with a check that goes on while our own broker starts; another's is not asked before
   * it has ended.
   *
   * @throws Exception also what the check throws
   */
  public static Gateway start(Settings settings, Check check) throws Exception {
    decideOnTls(settings);
    Path spool = Files.createDirectories(settings.dataDir().resolve("spool"));
    sweep(spool);
    if (!settings.text("caravan.broker.url").isEmpty()) {
      check.run();
      Broker external = external(settings);
      return start(settings, spool, external, CompletableFuture.completedFuture(external));
    }
    EmbeddedBroker broker = EmbeddedBroker.of(options(settings));
    FutureTask<Broker> running =
        new FutureTask<>(
            () -> {
              broker.run();
              return broker;
            });
    Thread.ofPlatform().name("broker-start").start(running);
    try {
      check.run();
    } catch (Exception e) {
      abandon(broker, running);
      throw e;
    }
    return start(settings, spool, broker, running);
  }

  private static void abandon(Broker broker, Future<Broker> running) {
    try {
      result(running);
    } catch (Exception e) {
      LOG.debug("the broker would not have started either", e);
    }
    broker.close();
  }

  /** Waits, interrupted or not: a broker that nobody waits for would be left running. */
  private static <T> T result(Future<T> task) throws Exception {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Camel reads the routes and makes the beans while the broker starts. */
  private static Gateway start(Settings settings, Path spool, Broker broker, Future<Broker> running)
      throws Exception {
    Main main = new Main();
    try {
      Map<String, String> placeholders = new LinkedHashMap<>(settings.placeholders());
      configure(main, settings, placeholders);
      SpoolComponent spooling =
          new SpoolComponent(
              broker,
              new SpoolMessages(new MailCodec(), spool),
              settings.duration("caravan.broker.commit-timeout"),
              settings.number("caravan.site.lanes-max"),
              lanes(settings),
              settings.duration("caravan.site.lane-idle"),
              new OrderOptions(
                  settings.number("caravan.order.chunk"),
                  settings.number("caravan.order.batch"),
                  settings.duration("caravan.order.patience")),
              settings.duration("caravan.delivery.in-flow-delay"));
      main.bind("bean-language", new DirectBeanLanguage());
      main.bind("spool", spooling);
      main.bind("broker", broker);
      main.bind("brokerConnectionFactory", broker.jms());
      SmtpComponent smtp =
          new SmtpComponent(
              settings.text("caravan.hostname"),
              Servers.smtp(settings, spool),
              spooling.queueRuns(),
              new Shortage(
                  Files.getFileStore(spool)::getUsableSpace,
                  settings.bytes("caravan.smtp.disk-min"),
                  broker::fullBecause,
                  System::nanoTime));
      main.bind("smtp-server", smtp);
      prepare(main, broker, running);
      main.start();
      spooling.lanes().start();
      Thread.ofVirtual().name("benches").start(spooling.operations()::recover);
      Map<String, String> ports = new LinkedHashMap<>();
      smtp.server().addresses().forEach((name, at) -> ports.put(name, text(at)));
      broker.listener().ifPresent(listener -> ports.put("broker", listener));
      broker.secureListener().ifPresent(listener -> ports.put("brokers", listener));
      httpPort(main.getCamelContext(), settings)
          .ifPresent(port -> ports.put("http", settings.text("caravan.http.host") + ":" + port));
      return new Gateway(settings, broker, main, ports);
    } catch (Exception e) {
      main.stop();
      abandon(broker, running);
      throw e;
    }
  }

  /**
   * Java reads this when TLS is first used. A client that could begin handshake after handshake on
   * one connection would cost us much and itself little. As to old protocols, each of our profiles
   * names its own.
   */
  private static void decideOnTls(Settings settings) {
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    if (settings.text("caravan.tls.legacy").equals("true")) {
      String disabled = Security.getProperty("jdk.tls.disabledAlgorithms");
      Security.setProperty(
          "jdk.tls.disabledAlgorithms",
          disabled.replaceAll("(TLSv1(?:\\.1)?|TLS_RSA_\\*)(,\\s*|$)", ""));
    }
  }

  private static List<String> lanes(Settings settings) {
    return Arrays.stream(settings.text("caravan.site.lanes").split(",", -1))
        .map(String::strip)
        .filter(site -> !site.isEmpty())
        .toList();
  }

  /** What is to do when the beans are known, the routes are read, and none runs yet. */
  private static void prepare(Main main, Broker broker, Future<Broker> running) {
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void beforeInitialize(BaseMainSupport made) {
            made.getCamelContext()
                .getCamelContextExtension()
                .addContextPlugin(BeanProcessorFactory.class, new DirectBeanFactory());
          }

          @Override
          public void afterConfigure(BaseMainSupport configured) {
            try {
              result(running);
              new Rungs(broker, configured.getCamelContext()).climb();
              configured
                  .getCamelContext()
                  .getRegistry()
                  .findByType(Users.class)
                  .forEach(broker::users);
              configured
                  .getCamelContext()
                  .getRegistry()
                  .findByType(LoginGuard.class)
                  .forEach(broker::guard);
              for (Encryption encryption :
                  configured.getCamelContext().getRegistry().findByType(Encryption.class)) {
                broker.encrypt(encryption);
              }
            } catch (Exception e) {
              throw new IllegalStateException(e.getMessage(), e);
            }
          }
        });
  }

  private static Broker external(Settings settings) throws Exception {
    return ExternalBroker.connect(
        settings.text("caravan.broker.url"),
        settings.text("caravan.broker.user"),
        settings.text("caravan.broker.password"),
        settings.duration("caravan.broker.connect-timeout"));
  }

  private static EmbeddedBroker.Options options(Settings settings) {
    long memory = settings.bytes("caravan.broker.memory-max");
    return new EmbeddedBroker.Options(
        settings.dataDir(),
        settings.text("caravan.broker.host"),
        settings.number("caravan.broker.port"),
        settings.number("caravan.broker.disk-max"),
        memory,
        memory / 2,
        settings.number("caravan.jms.keys-max"),
        settings.bytes("caravan.jms.reply-queue-max"),
        settings.number("caravan.broker.tls-port"),
        settings.number("caravan.broker.connections-max"),
        settings.number("caravan.jms.reply-queues-max"),
        settings.number("caravan.jms.application-queues-max"),
        new EmbeddedBroker.Staging(
            settings.bytes("caravan.jms.staged-size-max"),
            settings.number("caravan.jms.staged-files-max"),
            settings.duration("caravan.jms.staged-age")));
  }

  private static void configure(Main main, Settings settings, Map<String, String> placeholders) {
    // Whoever started us decides when we stop; Camel's own shutdown hook would race with that.
    main.setShutdownStrategy(new SimpleMainShutdownStrategy());
    main.setDefaultPropertyPlaceholderLocation("false");
    placeholders.forEach(main::addInitialProperty);
    // The settings are final: what -D and the environment say of a key is in them, in its order.
    main.addInitialProperty("camel.component.properties.systemPropertiesMode", NEVER);
    main.addInitialProperty("camel.component.properties.environmentVariableMode", NEVER);
    Map.of(
            "name", "caravan",
            "routesIncludePattern", "file:" + settings.routesDir() + "/*.xml",
            "streamCachingEnabled", "false",
            "jmxEnabled", "false",
            "startupSummaryLevel", "Off",
            "shutdownTimeout",
                Long.toString(
                    Math.max(1, settings.duration("caravan.shutdown.timeout").toSeconds())),
            "shutdownLogInflightExchangesOnTimeout", "false")
        .forEach((option, value) -> main.addInitialProperty("camel.main." + option, value));
    if (settings.number("caravan.http.port") >= 0) {
      main.bind(
          "vertxOptions",
          new VertxOptions()
              .setWorkerPoolSize(HTTP_THREADS + settings.number("caravan.http.messages-at-once")));
      main.addInitialProperty("camel.server.enabled", "true");
      main.addInitialProperty("camel.server.host", settings.text("caravan.http.host"));
      main.addInitialProperty("camel.server.port", settings.text("caravan.http.port"));
      main.addInitialProperty("camel.server.maxBodySize", HTTP_BODY_MAX);
    }
    main.addInitialProperty("camel.metrics.enabled", "true");
    main.addInitialProperty("camel.metrics.enableExchangeEventNotifier", "false");
    // Whoever hears of routes is asked about every step of every exchange as well.
    main.addInitialProperty("camel.metrics.enableRouteEventNotifier", "false");
    main.addInitialProperty("camel.metrics.enableMessageHistory", "false");
    // Times each route with text work for each mail; what became of a mail is counted by our
    // events.
    main.addInitialProperty("camel.metrics.enableRoutePolicy", "false");
  }

  private static String text(InetSocketAddress at) {
    String host = at.getAddress().getHostAddress();
    return (at.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + at.getPort();
  }

  private static Optional<Integer> httpPort(CamelContext context, Settings settings) {
    return context.getRegistry().findByType(VertxPlatformHttpRouter.class).stream()
        .findFirst()
        .map(router -> router.getServer().getServer().actualPort());
  }

  /** Files of messages that were not yet in the broker when we last ended: never acknowledged. */
  private static void sweep(Path spool) throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(spool, "*.eml")) {
      for (Path file : leftovers) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * {@code smtp} and the other listeners, {@code broker}, {@code http} to {@code HOST:PORT}; only
   * what is on.
   */
  public Map<String, String> ports() {
    return ports;
  }

  /** Tells when the queue is lost to this process, with the reason: only a new start can help. */
  public void onLoss(Consumer<String> listener) {
    broker.onLoss(listener);
  }

  CamelContext context() {
    return main.getCamelContext();
  }

  /** Stops taking mail, lets the mail in work end, and stops. */
  @Override
  public void close() {
    try {
      drain(settings.duration("caravan.shutdown.timeout"));
      List<Transport> transports = List.copyOf(context().getRegistry().findByType(Transport.class));
      main.stop();
      transports.forEach(Transport::close);
    } finally {
      broker.close();
      LOG.info("stopped");
    }
  }

  /** First the doors, then the workers. */
  private void drain(Duration max) {
    long deadline = System.nanoTime() + max.toNanos();
    suspendJmsConsumers();
    try {
      for (SmtpComponent smtp : context().getRegistry().findByType(SmtpComponent.class)) {
        smtp.server().drain(max);
      }
      for (SpoolComponent spool : context().getRegistry().findByType(SpoolComponent.class)) {
        spool.drain(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * They take no further message. Each is within a {@code receive} that ends by itself, and Camel
   * stops one after the other: told here, all of them end at the same time.
   */
  private void suspendJmsConsumers() {
    for (Route route : context().getRoutes()) {
      if (route.getConsumer() instanceof JmsConsumer consumer) {
        try {
          consumer.suspend();
        } catch (RuntimeException e) {
          // Its broker is away, say: it is stopped with its route.
          LOG.debug("{} can't be suspended", route.getRouteId(), e);
        }
      }
    }
  }
}
