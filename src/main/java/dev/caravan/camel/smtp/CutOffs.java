package dev.caravan.camel.smtp;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvents;
import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.SmtpReply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells clients that were cut off as events: by the route {@code direct:events}, on a thread of its
 * own. The same reply to the same address is told once a minute, so that a flood of connections is
 * no flood of events.
 */
final class CutOffs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CutOffs.class);
  private static final String EVENTS = "direct:events";
  private static final int WAITING_MAX = 1000;
  private static final int KNOWN_MAX = 10_000;
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private record Known(InetAddress address, SmtpReply reply) {}

  private final BlockingQueue<MailEvent> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
  private final Cache<Known, Boolean> known =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumSize(KNOWN_MAX)
          .expireAfterWrite(AGAIN)
          .build();
  private volatile @Nullable Thread teller;

  void start(CamelContext context) {
    teller = Thread.ofVirtual().name("smtp-cut-offs").start(() -> publish(context));
  }

  void tell(String listener, InetSocketAddress peer, SmtpReply reply) {
    boolean news =
        known.asMap().putIfAbsent(new Known(AddressBlock.of(peer.getAddress()), reply), true)
            == null;
    boolean told = !news || waiting.offer(MailEvents.cutOff(listener, peer, reply, Instant.now()));
    if (!told) {
      LOG.debug("{}: {}: not told, too many are waiting", peer, reply);
    }
  }

  private void publish(CamelContext context) {
    try (ProducerTemplate template = context.createProducerTemplate()) {
      while (!Thread.currentThread().isInterrupted()) {
        MailEvent event = waiting.take();
        try {
          template.sendBody(EVENTS, List.of(event));
        } catch (RuntimeException e) {
          LOG.warn("an event can't be told: {}: {}", event, e.toString());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server stops
    } catch (java.io.IOException e) {
      LOG.debug("closing", e);
    }
  }

  @Override
  public void close() {
    Thread thread = teller;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
