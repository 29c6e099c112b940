package dev.caravan.camel.broker;

import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Users;
import dev.caravan.camel.broker.wire.MqttGate;
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
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.postoffice.Binding;
import org.apache.activemq.artemis.core.postoffice.QueueBinding;
import org.apache.activemq.artemis.core.postoffice.impl.PostOfficeImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.server.impl.AddressInfo;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.PageFullMessagePolicy;
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

  private static final int SERVER_ID = 0;
  private static final String PROTOCOLS = "CORE,AMQP,STOMP,OPENWIRE,MQTT";
  private static final String SECURE = "applications-tls";

  /** How long an MQTT client of the old versions may be away until its session is forgotten. */
  private static final int MQTT_SESSION_SECONDS = 24 * 60 * 60;

  /** What a listener tells its protocols. */
  private static final Map<String, Object> PROTOCOL_OPTIONS =
      Map.of(
          "anycastPrefix",
          "queue://,/queue/",
          "multicastPrefix",
          "topic://,/topic/",
          "amqpMinLargeMessageSize",
          LARGE_MESSAGE,
          "stompMinLargeMessageSize",
          LARGE_MESSAGE,
          "defaultMqttSessionExpiryInterval",
          MQTT_SESSION_SECONDS,
          "supportAdvisory",
          false,
          "suppressInternalManagementObjects",
          true);

  private static final int JOURNAL_BUFFER = 1024 * 1024;
  private static final int JOURNAL_BUFFER_TIMEOUT_NANOS = 500_000;

  /**
   * So many files of 10 MB are kept to be used again, and so many may hold mail before what is left
   * in them is written anew. With mails of 100 KB ten come and go within two seconds.
   */
  private static final int JOURNAL_FILES = 30;

  private static final int PAGE_SIZE = 4 * 1024 * 1024;

  /** Octets of submissions that a consumer fetches in advance: enough for a commit of several. */
  private static final int SUBMISSIONS_WINDOW = 32 * 1024;

  private static final String OWNER = "owner";

  private static final String APPLICATION = "application";

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
        new BrokerSecurity(Map.of(owner, OWNER, applications, APPLICATION)),
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
    embedded.setConfiguration(configuration(options, dir, owner.user()));
    embedded.setSecurityManager(security);
    // Nothing of it is shown by JMX, and java's own server takes a tenth of a second to be ready.
    embedded.setMbeanServer(MBeanServerFactory.newMBeanServer());
    embedded.createActiveMQServer();
    server().getServiceRegistry().setExecutorService(threads);
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

  private static Configuration configuration(Options options, Path dir, String user)
      throws Exception {
    ConfigurationImpl config = new ConfigurationImpl();
    config.setName("caravan");
    config.setPersistenceEnabled(true);
    config.setJournalDirectory(dir.resolve("journal").toString());
    config.setBindingsDirectory(dir.resolve("bindings").toString());
    config.setLargeMessagesDirectory(dir.resolve("large-messages").toString());
    config.setPagingDirectory(dir.resolve("paging").toString());
    config.setJournalType(JournalType.NIO);
    config.setJournalDatasync(true);
    config.setJournalSyncTransactional(true);
    config.setJournalSyncNonTransactional(true);
    config.setJournalBufferSize_NIO(JOURNAL_BUFFER);
    config.setJournalBufferTimeout_NIO(JOURNAL_BUFFER_TIMEOUT_NANOS);
    config.setJournalFileSize(10 * 1024 * 1024);
    config.setJournalMinFiles(2);
    config.setJournalPoolFiles(JOURNAL_FILES);
    config.setJournalCompactMinFiles(JOURNAL_FILES);
    config.setMaxDiskUsage(options.diskMaxPercent());
    config.setDiskScanPeriod(1000);
    config.setGlobalMaxSize(options.memoryMax());
    config.setJMXManagementEnabled(false);
    config.setMessageExpiryScanPeriod(-1);
    config.setGracefulShutdownEnabled(false);
    config.setSecurityEnabled(true);
    config.addAcceptorConfiguration(
        new TransportConfiguration(
            InVMAcceptorFactory.class.getName(), Map.of("serverId", SERVER_ID), "in-vm"));
    if (options.port() >= 0) {
      config.addAcceptorConfiguration(
          new TransportConfiguration(
              NettyAcceptorFactory.class.getName(),
              listener(options, options.port()),
              "applications",
              PROTOCOL_OPTIONS));
    }
    Role owner = new Role(OWNER, true, true, true, true, true, true, true, true, true, true);
    config.putSecurityRoles("#", Set.of(owner, application(false)));
    config.putSecurityRoles(QueueNames.EVENTS, Set.of(owner, application(true)));
    config.putSecurityRoles(QueueNames.REPLY_PREFIX + "#", Set.of(owner, application(true)));
    config.putSecurityRoles(QueueNames.SUBMIT_PREFIX + "#", Set.of(owner, application(true)));
    config.putSecurityRoles(QueueNames.STAGE_PREFIX + "#", Set.of(owner, application(true)));
    config.addAddressSetting("#", closed(options));
    config.addAddressSetting(QueueNames.SUBMIT, submissions(options));
    config.addAddressSetting(
        QueueNames.SUBMIT_PREFIX + "#",
        submissions(options).setAutoCreateQueues(true).setAutoCreateAddresses(true));
    config.addAddressSetting(QueueNames.STAGE_PREFIX + "#", staged(options));
    config.addAddressSetting(QueueNames.ANSWERS, steppingAside(options));
    config.addAddressSetting(QueueNames.FAN_OUT, steppingAside(options));
    config.addAddressSetting(QueueNames.EVENTS, events(options));
    config.addAddressSetting(QueueNames.REPLY_PREFIX + "#", replies(options));
    // A key has an id for this time and one for the next, and one against two at the same instant.
    config.addAddressSetting(QueueNames.KEYS, keys(options, 2 * options.keysMax()));
    config.addAddressSetting(
        PostOfficeImpl.BRIDGE_CACHE_STR + QueueNames.KEYS, keys(options, options.keysMax()));
    for (String toWhoeverListens : List.of(QueueNames.EVENTS, QueueNames.KEYS)) {
      config.addAddressConfiguration(
          new CoreAddressConfiguration()
              .setName(toWhoeverListens)
              .addRoutingType(RoutingType.MULTICAST));
    }
    config.setIncomingInterceptorClassNames(List.of(MqttGate.class.getName()));
    // Whose a session was is not kept either; the queue of the answers is.
    config.setMqttSubscriptionPersistenceEnabled(false);
    // First what MQTT says, then what we know better.
    config.registerBrokerPlugin(new MqttMessages());
    config.registerBrokerPlugin(new SubmissionGuard(user));
    config.registerBrokerPlugin(new ReplyQueues());
    config.registerBrokerPlugin(new QueueGuard(List.of(QueueNames.EVENTS, QueueNames.KEYS)));
    return config;
  }

  private static Map<String, Object> listener(Options options, int port) {
    return Map.of(
        TransportConstants.HOST_PROP_NAME,
        options.host(),
        TransportConstants.PORT_PROP_NAME,
        port,
        TransportConstants.PROTOCOLS_PROP_NAME,
        PROTOCOLS,
        TransportConstants.CONNECTIONS_ALLOWED,
        options.connectionsMax());
  }

  private static AddressSettings closed(Options options) {
    return new AddressSettings()
        .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
        .setMaxSizeBytes(options.addressMemoryMax())
        .setPageSizeBytes(PAGE_SIZE)
        .setMaxReadPageBytes(2 * PAGE_SIZE)
        .setMaxDeliveryAttempts(-1)
        .setDeadLetterAddress(SimpleString.of(QueueNames.DEAD))
        .setExpiryAddress(SimpleString.of(QueueNames.DEAD))
        .setDefaultAddressRoutingType(RoutingType.ANYCAST)
        .setDefaultQueueRoutingType(RoutingType.ANYCAST)
        .setAutoCreateQueues(false)
        .setAutoCreateAddresses(false)
        .setAutoDeleteQueues(false)
        .setAutoDeleteAddresses(false)
        .setDefaultConsumerWindowSize(NO_PREFETCH);
  }

  /** What can't be taken in now steps aside, ever longer, so that it is in nobody's way. */
  private static AddressSettings steppingAside(Options options) {
    return closed(options)
        .setRedeliveryDelay(1_000)
        .setRedeliveryMultiplier(2)
        .setMaxRedeliveryDelay(60_000);
  }

  /** Several are taken in with one commit; one that comes too late is kept as refused. */
  private static AddressSettings submissions(Options options) {
    return steppingAside(options)
        .setDefaultConsumerWindowSize(SUBMISSIONS_WINDOW)
        .setExpiryAddress(SimpleString.of(QueueNames.REJECTED));
  }

  /** What nobody has fetched in time is dropped: its application has it still. */
  private static AddressSettings staged(Options options) {
    return closed(options)
        .setAutoCreateQueues(true)
        .setAutoCreateAddresses(true)
        .setMaxExpiryDelay(options.staging().age().toMillis())
        .setExpiryAddress(SimpleString.of(""));
  }

  private static AddressSettings replies(Options options) {
    return closed(options)
        .setAutoCreateQueues(true)
        .setAutoCreateAddresses(true)
        .setMaxSizeBytes(Math.min(options.addressMemoryMax(), PAGE_SIZE))
        .setPageLimitBytes(options.replyQueueMax())
        .setPageFullMessagePolicy(PageFullMessagePolicy.FAIL);
  }

  private static AddressSettings events(Options options) {
    return closed(options)
        .setDefaultAddressRoutingType(RoutingType.MULTICAST)
        .setDefaultQueueRoutingType(RoutingType.MULTICAST);
  }

  private static AddressSettings keys(Options options, int ids) {
    return events(options).setIDCacheSize(ids);
  }

  /** Sends, reads and browses; makes temporary queues; durable ones only where that is said. */
  private static Role application(boolean durableQueues) {
    return new Role(
        APPLICATION,
        /* send= */ true,
        /* consume= */ true,
        /* createDurableQueue= */ durableQueues,
        /* deleteDurableQueue= */ durableQueues,
        /* createNonDurableQueue= */ true,
        /* deleteNonDurableQueue= */ true,
        /* manage= */ false,
        /* browse= */ true,
        /* createAddress= */ true,
        /* deleteAddress= */ false);
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
      Map<String, Object> parameters = new HashMap<>(listener(options, options.tlsPort()));
      parameters.putAll(SecureAcceptor.PARAMETERS);
      Acceptor acceptor =
          server()
              .getRemotingService()
              .createAcceptor(
                  new TransportConfiguration(
                      NettyAcceptorFactory.class.getName(), parameters, SECURE, PROTOCOL_OPTIONS));
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
