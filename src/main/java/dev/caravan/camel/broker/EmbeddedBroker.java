package dev.caravan.camel.broker;

import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Users;
import dev.caravan.camel.broker.wire.SecureAcceptor;
import dev.caravan.netty.Encryption;
import dev.caravan.queue.QueueNames;
import jakarta.jms.ConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.management.MBeanServerFactory;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.core.postoffice.Binding;
import org.apache.activemq.artemis.core.postoffice.QueueBinding;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.server.impl.AddressInfo;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.utils.collections.LinkedListIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker inside this process, on files below the data directory.
 *
 * <p>The journal is NIO with data sync on and a buffer time-out of 0.5 ms: concurrent senders share
 * a sync, and a lone sender waits little for company. Addresses page to disk when memory is short;
 * they never drop and never block on size. When the disk is fuller than the limit nothing more is
 * taken in.
 */
public final class EmbeddedBroker implements Broker {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

  static final int SERVER_ID = 0;
  private static final String SECURE = "applications-tls";

  /**
   * Where and how it runs.
   *
   * @param dataDir the broker's files are below {@code broker} in it
   * @param host address of the listener
   * @param port 0 = any free one, -1 = no listener
   * @param diskMaxPercent use of the disk from which on nothing is taken in, 1 to 100
   * @param memoryMax octets of queued messages held in memory before all addresses page
   * @param addressMemoryMax the same for one address
   * @param keysMax keys of applications' mails that are remembered
   * @param replyQueueMax octets of answers that an application has not fetched, beyond which they
   *     are lost
   * @param tlsPort of the encrypted listener; 0 = any free one, -1 = none
   * @param connectionsMax of applications at each listener
   * @param replyQueuesMax queues that applications are answered on
   * @param applicationQueuesMax queues that applications have of their own for their mail, and as
   *     many for their files
   * @param staging limits of these files
   */
  public record Options(
      Path dataDir,
      String host,
      int port,
      int diskMaxPercent,
      long memoryMax,
      long addressMemoryMax,
      int keysMax,
      long replyQueueMax,
      int tlsPort,
      int connectionsMax,
      int replyQueuesMax,
      int applicationQueuesMax,
      Staging staging) {
    private static final int REPLY_QUEUES_MAX = 1_000;
    private static final int APPLICATION_QUEUES_MAX = 100;
    private static final int KEYS_MAX = 50_000;
    private static final int CONNECTIONS_MAX = 1_000;
    private static final long REPLY_QUEUE_MAX = 64 * 1024 * 1024;

    /** With the usual number of keys, and as much room for answers as usual. */
    public Options(
        Path dataDir,
        String host,
        int port,
        int diskMaxPercent,
        long memoryMax,
        long addressMemoryMax) {
      this(
          dataDir,
          host,
          port,
          diskMaxPercent,
          memoryMax,
          addressMemoryMax,
          KEYS_MAX,
          REPLY_QUEUE_MAX,
          -1,
          CONNECTIONS_MAX,
          REPLY_QUEUES_MAX,
          APPLICATION_QUEUES_MAX,
          Staging.USUAL);
    }
  }

  /**
   * Limits of the files that an application stages.
   *
   * @param sizeMax octets of all that are there
   * @param filesMax how many are there
   * @param age after which they are dropped
   */
  public record Staging(long sizeMax, int filesMax, Duration age) {
    static final Staging USUAL = new Staging(1024L * 1024 * 1024, 1_000, Duration.ofDays(1));
  }

  private final EmbeddedActiveMQ embedded = new EmbeddedActiveMQ();
  private final BrokerSecurity security;
  private final Connector connector;
  private final Options options;
  private final Path dir;
  private final Credentials owner;

  /** What a mail makes the broker do is short and mostly waits: a virtual thread each. */
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("broker-", 0).factory());

  /**
   * What it hands to its journal is short as well: a record is put into a buffer, which a thread of
   * the journal's own writes. The broker ends this when it stops.
   */
  private final ExecutorService journal =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("journal-", 0).factory());

  private EmbeddedBroker(
      Options options, Path dir, Credentials owner, BrokerSecurity security, Connector connector) {
    this.options = options;
    this.dir = dir;
    this.owner = owner;
    this.security = security;
    this.connector = connector;
  }

  /**
   * Makes it; nothing may be asked of it but {@link #jms} until {@link #run} has returned.
   *
   * @throws Exception when the files can't be used
   */
  public static EmbeddedBroker of(Options options) throws Exception {
    Path dir = Files.createDirectories(options.dataDir().resolve("broker"));
    Path credentialsFile = options.dataDir().resolve("broker.credentials");
    boolean first = Files.notExists(credentialsFile);
    Credentials applications = Credentials.readOrCreate(credentialsFile);
    Credentials owner = Credentials.random("caravan.gateway");
    if (first && options.port() >= 0) {
      LOG.info(
          "made the broker's credentials: user {} password {} (kept in {})",
          applications.user(),
          applications.password(),
          credentialsFile);
    }
    return new EmbeddedBroker(
        options,
        dir,
        owner,
        new BrokerSecurity(
            Map.of(
                owner,
                EmbeddedConfiguration.OWNER,
                applications,
                EmbeddedConfiguration.APPLICATION)),
        Connector.inProcess(SERVER_ID, owner));
  }

  /**
   * Makes it and lets it run.
   *
   * @throws Exception when the files are in use or broken, or the port is taken
   */
  public static EmbeddedBroker start(Options options) throws Exception {
    EmbeddedBroker broker = of(options);
    try {
      broker.run();
      return broker;
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  /**
   * Lets it run; returns when it is active and the queues that always exist do.
   *
   * @throws Exception when the files are in use or broken, or the port is taken; what had begun is
   *     to be closed then
   */
  public void run() throws Exception {
    embedded.setConfiguration(EmbeddedConfiguration.of(options, dir, owner.user()));
    embedded.setSecurityManager(security);
    // Nothing of it is shown by JMX, and java's own server takes a tenth of a second to be ready.
    embedded.setMbeanServer(MBeanServerFactory.newMBeanServer());
    embedded.createActiveMQServer();
    server().getServiceRegistry().setExecutorService(threads);
    server().getServiceRegistry().setIOExecutorService(journal);
    embedded.start();
    if (!server().waitForActivation(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "the broker did not start within 30 s: is another gateway using " + dir + "?");
    }
    declare(QueueNames.all());
    server()
        .registerBrokerPlugin(
            new QueueLimit(
                server(),
                Map.of(
                    QueueNames.REPLY_PREFIX, options.replyQueuesMax(),
                    QueueNames.SUBMIT_PREFIX, options.applicationQueuesMax(),
                    QueueNames.STAGE_PREFIX, options.applicationQueuesMax())));
    server().registerBrokerPlugin(new StagingGuard(server(), options.staging()));
  }

  private ActiveMQServer server() {
    return embedded.getActiveMQServer();
  }

  @Override
  public ClientSessionFactory connect() throws ActiveMQException {
    return connector.connect();
  }

  @Override
  public ClientSessionFactory connectOnce() throws ActiveMQException {
    return connector.connectOnce();
  }

  @Override
  public ClientSessionFactory connectConfirming() throws ActiveMQException {
    return connector.connectConfirming();
  }

  @Override
  public ClientSession session(ClientSessionFactory connection, boolean transacted)
      throws ActiveMQException {
    return connector.session(connection, transacted);
  }

  @Override
  public ConnectionFactory jms() {
    return connector.jms();
  }

  @Override
  public Optional<String> fullBecause() {
    return server().getPagingManager().isDiskFull()
        ? Optional.of("the disk is fuller than caravan.broker.disk-max")
        : Optional.empty();
  }

  @Override
  public boolean hasListeners(String address) {
    try {
      return server().getPostOffice().isAddressBound(SimpleString.of(address));
    } catch (Exception e) {
      return true;
    }
  }

  @Override
  public boolean hasSeen(String address, byte[] duplicateId) {
    return server()
        .getPostOffice()
        .getDuplicateIDCache(SimpleString.of(address))
        .contains(duplicateId);
  }

  @Override
  public void declare(List<String> queues) throws ActiveMQException {
    for (String queue : queues) {
      try {
        server()
            .addOrUpdateAddressInfo(new AddressInfo(SimpleString.of(queue), RoutingType.ANYCAST));
        server()
            .createQueue(
                QueueConfiguration.of(queue).setRoutingType(RoutingType.ANYCAST).setDurable(true),
                /* ignoreIfExists= */ true);
      } catch (Exception e) {
        throw new ActiveMQException("queue " + queue + " can't be declared", e, null);
      }
    }
  }

  @Override
  public List<String> queues(String prefix) {
    return depths().stream()
        .map(QueueDepth::queue)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  @Override
  public void expire(String prefix) {
    for (String name : queues(prefix)) {
      Queue queue = server().locateQueue(SimpleString.of(name));
      if (queue != null) {
        queue.expireReferences(() -> {});
      }
    }
  }

  @Override
  public QueueUse use(String queue) {
    Queue found = server().locateQueue(SimpleString.of(queue));
    return found == null
        ? new QueueUse(0, 0, 0)
        : new QueueUse(
            found.getMessageCount(), found.getConsumerCount(), found.getMessagesAcknowledged());
  }

  @Override
  public boolean remove(String queue) throws ActiveMQException {
    Queue found = server().locateQueue(SimpleString.of(queue));
    if (found == null) {
      return true;
    }
    if (found.getMessageCount() > 0 || found.getConsumerCount() > 0) {
      return false;
    }
    try {
      server()
          .destroyQueue(
              found.getName(),
              /* session= */ null,
              /* checkConsumerCount= */ true,
              /* removeConsumers= */ false,
              /* autoDeleteAddress= */ true);
      return true;
    } catch (Exception e) {
      throw new ActiveMQException("queue " + queue + " can't be removed", e, null);
    }
  }

  @Override
  public boolean isOurs() {
    return true;
  }

  @Override
  public List<QueueDepth> depths() {
    return server()
        .getPostOffice()
        .getAllBindings()
        .filter(QueueBinding.class::isInstance)
        .map(binding -> ((QueueBinding) binding).getQueue())
        .filter(queue -> queue.getName().toString().startsWith("mail."))
        .map(queue -> new QueueDepth(queue.getName().toString(), queue.getMessageCount()))
        .toList();
  }

  @Override
  public List<WaitingMail> inDelivery(String queue) {
    Queue found = server().locateQueue(SimpleString.of(queue));
    return found == null
        ? List.of()
        : found.getDeliveringMessages().values().stream()
            .flatMap(List::stream)
            .map(held -> WaitingMail.of(held.getMessage()))
            .toList();
  }

  @Override
  public void browse(String queue, Choice choice, Choice.Visitor visitor) throws Exception {
    Queue found = server().locateQueue(SimpleString.of(queue));
    if (found == null) {
      return;
    }
    Set<Long> inHand = new HashSet<>();
    for (List<MessageReference> held : found.getDeliveringMessages().values()) {
      for (MessageReference reference : held) {
        Message message = reference.getMessage();
        inHand.add(message.getMessageID());
        if (choice.test(message) && !visitor.see(message, true)) {
          return;
        }
      }
    }
    // What has just been sent is seen too.
    found.flushExecutor();
    try (LinkedListIterator<MessageReference> waiting = found.browserIterator()) {
      while (waiting.hasNext()) {
        Message message = waiting.next().getMessage();
        // What is read from the disk here may be in somebody's hands.
        if (!inHand.contains(message.getMessageID())
            && choice.test(message)
            && !visitor.see(message, false)) {
          return;
        }
      }
    }
  }

  @Override
  public Set<Long> inHand(String queue, Choice choice) {
    Queue found = server().locateQueue(SimpleString.of(queue));
    return found == null
        ? Set.of()
        : found.getDeliveringMessages().values().stream()
            .flatMap(List::stream)
            .map(MessageReference::getMessage)
            .filter(choice::test)
            .map(Message::getMessageID)
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public int move(String from, String to, Choice choice, int max) throws ActiveMQException {
    Queue source = server().locateQueue(SimpleString.of(from));
    Binding target = server().getPostOffice().getBinding(SimpleString.of(to));
    if (source == null || target == null) {
      throw new ActiveMQException("there is no queue " + (source == null ? from : to));
    }
    try {
      server().getStorageManager().clearContext();
      int moved = QueueMove.move(source, choice, target, max);
      // The commits end when the disk has them; only then are the messages where they belong.
      server().getStorageManager().waitOnOperations();
      return moved;
    } catch (ActiveMQException e) {
      throw e;
    } catch (Exception e) {
      throw new ActiveMQException("mail can't be moved from " + from, e, null);
    }
  }

  @Override
  public Optional<String> listener() {
    return address("applications");
  }

  @Override
  public Optional<String> secureListener() {
    return address(SECURE);
  }

  private Optional<String> address(String acceptor) {
    return server().getRemotingService().getAcceptor(acceptor) instanceof NettyAcceptor netty
        ? Optional.of(
            netty.getConfiguration().getOrDefault("host", "127.0.0.1")
                + ":"
                + netty.getActualPort())
        : Optional.empty();
  }

  @Override
  public void users(Users users) {
    security.users(users);
  }

  @Override
  public void guard(LoginGuard guard) {
    security.guard(guard);
  }

  @Override
  public void encrypt(Encryption encryption) throws ActiveMQException {
    if (options.tlsPort() < 0) {
      return;
    }
    SecureAcceptor.Factory factory = new SecureAcceptor.Factory(encryption);
    server().getServiceRegistry().addAcceptorFactory(SECURE, factory);
    try {
      Map<String, Object> parameters =
          new HashMap<>(EmbeddedConfiguration.listener(options, options.tlsPort()));
      parameters.putAll(SecureAcceptor.PARAMETERS);
      Acceptor acceptor =
          server()
              .getRemotingService()
              .createAcceptor(
                  new TransportConfiguration(
                      NettyAcceptorFactory.class.getName(),
                      parameters,
                      SECURE,
                      EmbeddedConfiguration.protocolOptions()));
      if (acceptor == null) {
        throw new IllegalStateException("the reason is in the log");
      }
      acceptor.start();
    } catch (Exception e) {
      throw new ActiveMQException(
          "no encrypted listener at " + options.host() + ":" + options.tlsPort(), e, null);
    }
  }

  @Override
  public void onLoss(Consumer<String> listener) {
    server()
        .registerIOCriticalErrorListener(
            (cause, message, file) ->
                listener.accept(file == null ? message : message + " (" + file + ")"));
  }

  @Override
  public void close() {
    connector.close();
    try {
      if (server() != null) {
        embedded.stop();
      }
    } catch (Exception e) {
      LOG.warn("the broker did not stop cleanly: {}", e.toString());
    }
    threads.shutdown();
  }
}
