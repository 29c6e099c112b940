package dev.caravan.camel.smtp;

import dev.caravan.netty.Encryption;
import dev.caravan.netty.ListenerOptions;
import dev.caravan.netty.SmtpListener;
import dev.caravan.smtp.Authentication;
import dev.caravan.smtp.Listening;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.NettyEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener that runs. One that needs a certificate or users waits until there are some: its port
 * stays closed meanwhile.
 */
final class SmtpConsumer extends NettyConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpConsumer.class);
  private static final int LOOK_SECONDS = 2;

  private final SmtpComponent component;
  private final SmtpEndpoint endpoint;
  private final ListenerOptions options;
  private final Authentication authentication;
  private final Encryption encryption;
  private @Nullable SmtpListener listener;
  private @Nullable ScheduledExecutorService waiting;
  private boolean bound;

  SmtpConsumer(SmtpEndpoint endpoint, SmtpComponent component, Processor processor)
      throws Exception {
    this(endpoint, component, processor, component.netty(endpoint));
  }

  private SmtpConsumer(
      SmtpEndpoint endpoint, SmtpComponent component, Processor processor, NettyEndpoint netty) {
    super(netty, processor, netty.getConfiguration());
    this.endpoint = endpoint;
    this.component = component;
    this.options = endpoint.options();
    this.authentication = component.authentication();
    this.encryption = component.encryption();
  }

  @Override
  protected void doStart() throws Exception {
    SmtpListener made = component.server().listener(options, authentication, encryption);
    listener = made;
    getConfiguration().setServerInitializerFactory(made);
    Optional<String> obstacle = obstacle();
    if (obstacle.isEmpty()) {
      bind();
      return;
    }
    LOG.info("the listener {} is off: {}", options.listening().name(), obstacle.get());
    if (endpoint.getPort() >= 0) {
      ScheduledExecutorService looking =
          getContext()
              .getExecutorServiceManager()
              .newSingleThreadScheduledExecutor(this, "smtp-listener-waits");
      waiting = looking;
      var look =
          looking.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
      assert !look.isDone();
    }
  }

  /** Why it can't listen, if so. */
  private Optional<String> obstacle() {
    Listening.Tls tls = options.listening().tls();
    boolean needsTls = tls == Listening.Tls.REQUIRED || tls == Listening.Tls.IMPLICIT;
    if (endpoint.getPort() < 0) {
      return Optional.of("its port is -1");
    }
    if (needsTls && !encryption.isAvailable()) {
      return Optional.of("it needs a certificate (caravan.tls.certificate)");
    }
    if (options.listening().auth() == Listening.Auth.REQUIRED && !authentication.hasUsers()) {
      return Optional.of("nobody could log in (./caravan user add NAME)");
    }
    return Optional.empty();
  }

  private synchronized void bind() throws Exception {
    super.doStart();
    bound = true;
  }

  private void look() {
    try {
      if (obstacle().isEmpty()) {
        bind();
        LOG.info(
            "the listener {} is on now: {}",
            options.listening().name(),
            component.server().addresses().get(options.listening().name()));
        stopWaiting();
      }
    } catch (Exception e) {
      LOG.error("the listener {} can't be started", options.listening().name(), e);
      stopWaiting();
    }
  }

  private synchronized void stopWaiting() {
    if (waiting != null) {
      waiting.shutdown();
      waiting = null;
    }
  }

  @Override
  protected synchronized void doStop() throws Exception {
    stopWaiting();
    if (bound) {
      bound = false;
      super.doStop();
    }
    if (listener != null) {
      component.server().remove(listener);
    }
  }
}
