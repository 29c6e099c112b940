package dev.caravan.flow;

import dev.caravan.camel.jms.ForeignConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.impl.DefaultCamelContext;

/** A broker that an application has had for long, in this process, on a free port. */
interface OtherBroker extends AutoCloseable {
  int port();

  /** As an application connects to it. */
  ConnectionFactory factory();

  @Override
  void close() throws Exception;

  /** Artemis, with its journal in this folder. */
  static OtherBroker artemis(Path dir) throws Exception {
    EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    ConfigurationImpl configuration = new ConfigurationImpl();
    configuration
        .setName("theirs")
        .setSecurityEnabled(false)
        .setJournalType(JournalType.NIO)
        .setMaxDiskUsage(-1)
        .setJournalDirectory(dir.resolve("journal").toString())
        .setBindingsDirectory(dir.resolve("bindings").toString())
        .setLargeMessagesDirectory(dir.resolve("large").toString())
        .setPagingDirectory(dir.resolve("paging").toString())
        .addAcceptorConfiguration(
            new TransportConfiguration(
                NettyAcceptorFactory.class.getName(),
                Map.of("host", "127.0.0.1", "port", "0"),
                "tcp"))
        .addAddressSetting("#", new AddressSettings().setMaxDeliveryAttempts(-1));
    server.setConfiguration(configuration);
    server.start();
    NettyAcceptor acceptor =
        (NettyAcceptor) server.getActiveMQServer().getRemotingService().getAcceptor("tcp");
    int port = acceptor.getActualPort();
    return new OtherBroker() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public ConnectionFactory factory() {
        return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
      }

      @Override
      public void close() throws Exception {
        server.stop();
      }
    };
  }

  /** The jars of the client that speaks to both versions of Classic, as an operator has them. */
  static Path classicJars() {
    return Path.of("target/clients/classic6").toAbsolutePath();
  }

  /** ActiveMQ Classic 5.x or 6.x, by its jars, which see nothing of ours. */
  static OtherBroker classic(String version) throws Exception {
    Path dir = Path.of("target/brokers/" + version);
    URL[] jars;
    try (Stream<Path> files =
        Stream.concat(
            Files.list(dir),
            Stream.of(System.getProperty("java.class.path", "").split(":", -1))
                .filter(jar -> jar.contains("/slf4j-api") || jar.contains("/jackson-"))
                .map(Path::of))) {
      jars = files.map(OtherBroker::url).toArray(URL[]::new);
    }
    URLClassLoader loader = new URLClassLoader(jars, ClassLoader.getPlatformClassLoader());
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(loader);
    Object broker;
    URI at;
    try {
      broker =
          loader
              .loadClass("org.apache.activemq.broker.BrokerFactory")
              .getMethod("createBroker", String.class)
              .invoke(
                  null,
                  "broker:(tcp://127.0.0.1:0)?persistent=false&useJmx=false&useShutdownHook=false");
      call(broker, "start");
      call(broker, "waitUntilStarted");
      Object connector =
          broker
              .getClass()
              .getMethod("getTransportConnectorByScheme", String.class)
              .invoke(broker, "tcp");
      at = (URI) connector.getClass().getMethod("getConnectUri").invoke(connector);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    ForeignConnectionFactory factory = new ForeignConnectionFactory();
    factory.setCamelContext(new DefaultCamelContext());
    factory.setJars(classicJars().toString());
    factory.setType("org.apache.activemq.ActiveMQConnectionFactory");
    factory.setOptions(Map.of("brokerURL", "tcp://127.0.0.1:" + at.getPort()));
    return new OtherBroker() {
      @Override
      public int port() {
        return at.getPort();
      }

      @Override
      public ConnectionFactory factory() {
        return factory;
      }

      @Override
      public void close() throws Exception {
        call(broker, "stop");
        call(broker, "waitUntilStopped");
        loader.close();
      }
    };
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (java.net.MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static void call(Object object, String method) throws Exception {
    object.getClass().getMethod(method).invoke(object);
  }
}
