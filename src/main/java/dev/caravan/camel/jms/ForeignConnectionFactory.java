package dev.caravan.camel.jms;

import dev.caravan.delivery.auth.SelfCheck;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.support.PropertyBindingSupport;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a broker that the application already has, by that broker's own client, whose jars
 * are in a folder of their own. They see neither our libraries nor those of another such client, so
 * that versions need not agree: they share {@code jakarta.jms} and the log with us, and nothing
 * else. The client must be one for {@code jakarta.jms}.
 *
 * <p>Set the properties, then use it; the jars are read at the first connection.
 */
public final class ForeignConnectionFactory
    implements ConnectionFactory, CamelContextAware, SelfCheck {
  private final ReentrantLock making = new ReentrantLock();
  private @Nullable CamelContext context;
  private Path jars = Path.of("");
  private String type = "";
  private Map<String, Object> options = new LinkedHashMap<>();
  private volatile @Nullable ConnectionFactory made;

  /** What {@code jakarta.jms} and the log are taken from; anything else of ours is not there. */
  private static final class Shared extends ClassLoader {
    private static final List<String> PACKAGES = List.of("jakarta.jms.", "org.slf4j.");

    Shared() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (PACKAGES.stream().anyMatch(name::startsWith)) {
        return Class.forName(name, false, ForeignConnectionFactory.class.getClassLoader());
      }
      throw new ClassNotFoundException(name);
    }
  }

  private interface Ask<T> {
    T of(ConnectionFactory factory) throws JMSException;
  }

  /** The folder of its jars. */
  public void setJars(String folder) {
    this.jars = Path.of(folder);
  }

  /** The name of its class, a {@code jakarta.jms.ConnectionFactory}. */
  public void setType(String name) {
    this.type = name.strip();
  }

  /** The properties of that class, by name. */
  public void setOptions(Map<String, Object> values) {
    this.options = values;
  }

  public Map<String, Object> getOptions() {
    return options;
  }

  @Override
  public void setCamelContext(@Nullable CamelContext camelContext) {
    this.context = camelContext;
  }

  @Override
  public @Nullable CamelContext getCamelContext() {
    return context;
  }

  @Override
  public Optional<String> problem() {
    try (URLClassLoader loader = loader()) {
      return ConnectionFactory.class.isAssignableFrom(Class.forName(type, false, loader))
          ? Optional.empty()
          : Optional.of(type + " is no jakarta.jms.ConnectionFactory");
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.of("there is no class " + type + " in the jars of " + jars);
    } catch (IOException | UncheckedIOException e) {
      return Optional.of("the jars can't be read: " + e.getMessage());
    }
  }

  private URLClassLoader loader() {
    try (Stream<Path> files = Files.list(jars)) {
      URL[] urls =
          files
              .filter(file -> file.toString().endsWith(".jar"))
              .sorted()
              .map(ForeignConnectionFactory::url)
              .toArray(URL[]::new);
      return new URLClassLoader("jars of " + jars, urls, new Shared());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ConnectionFactory factory() {
    ConnectionFactory known = made;
    if (known != null) {
      return known;
    }
    making.lock();
    try {
      known = made;
      if (known == null) {
        known = make();
        made = known;
      }
      return known;
    } finally {
      making.unlock();
    }
  }

  /** The loader stays open as long as there is a connection, and so until the process ends. */
  private ConnectionFactory make() {
    URLClassLoader loader = loader();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      Object bean = Class.forName(type, true, loader).getConstructor().newInstance();
      PropertyBindingSupport.build()
          .withCamelContext(context)
          .withTarget(bean)
          .withMandatory(true)
          .withProperties(new LinkedHashMap<>(options))
          .bind();
      return (ConnectionFactory) bean;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException("a " + type + " can't be made of the jars in " + jars, e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Clients look for their parts by the thread's loader, which the threads they start inherit: it
   * is theirs, not ours, while they connect.
   */
  private <T> T ask(Ask<T> question) throws JMSException {
    ConnectionFactory factory = factory();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(factory.getClass().getClassLoader());
    try {
      return question.of(factory);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private JMSContext context(Ask<JMSContext> question) {
    try {
      return ask(question);
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Connection createConnection() throws JMSException {
    return ask(ConnectionFactory::createConnection);
  }

  @Override
  public Connection createConnection(String user, String password) throws JMSException {
    return ask(factory -> factory.createConnection(user, password));
  }

  @Override
  public JMSContext createContext() {
    return context(ConnectionFactory::createContext);
  }

  @Override
  public JMSContext createContext(String user, String password) {
    return context(factory -> factory.createContext(user, password));
  }

  @Override
  public JMSContext createContext(String user, String password, int sessionMode) {
    return context(factory -> factory.createContext(user, password, sessionMode));
  }

  @Override
  public JMSContext createContext(int sessionMode) {
    return context(factory -> factory.createContext(sessionMode));
  }
}
