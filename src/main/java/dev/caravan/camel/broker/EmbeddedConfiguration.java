package dev.caravan.camel.broker;

import dev.caravan.camel.broker.EmbeddedBroker.Options;
import dev.caravan.camel.broker.wire.MqttGate;
import dev.caravan.queue.QueueNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.postoffice.impl.PostOfficeImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.PageFullMessagePolicy;

/**
 * How the broker inside this process is set up: its journal, its listeners, who may do what, and
 * what becomes of the messages of each address.
 */
final class EmbeddedConfiguration {
  private static final String PROTOCOLS = "CORE,AMQP,STOMP,OPENWIRE,MQTT";

  /** How long an MQTT client of the old versions may be away until its session is forgotten. */
  private static final int MQTT_SESSION_SECONDS = 24 * 60 * 60;

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

  /** The role of the gateway itself. */
  static final String OWNER = "owner";

  /** The role of applications. */
  static final String APPLICATION = "application";

  private EmbeddedConfiguration() {}

  /**
   * All of it.
   *
   * @param dir for the files
   * @param user the gateway's own
   */
  static Configuration of(Options options, Path dir, String user) {
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
            InVMAcceptorFactory.class.getName(),
            Map.of("serverId", EmbeddedBroker.SERVER_ID),
            "in-vm"));
    if (options.port() >= 0) {
      config.addAcceptorConfiguration(
          new TransportConfiguration(
              NettyAcceptorFactory.class.getName(),
              listener(options, options.port()),
              "applications",
              protocolOptions()));
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

  /** What makes a listener for applications. */
  static Map<String, Object> listener(Options options, int port) {
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

  /** What a listener tells its protocols. */
  static Map<String, Object> protocolOptions() {
    return Map.ofEntries(
        Map.entry("anycastPrefix", "queue://,/queue/"),
        Map.entry("multicastPrefix", "topic://,/topic/"),
        Map.entry("amqpMinLargeMessageSize", Broker.LARGE_MESSAGE),
        Map.entry("stompMinLargeMessageSize", Broker.LARGE_MESSAGE),
        Map.entry("defaultMqttSessionExpiryInterval", MQTT_SESSION_SECONDS),
        Map.entry("supportAdvisory", false),
        Map.entry("suppressInternalManagementObjects", true));
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
        .setDefaultConsumerWindowSize(Broker.NO_PREFETCH);
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
}
