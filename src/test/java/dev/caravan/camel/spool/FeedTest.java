package dev.caravan.camel.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.EmbeddedBroker;
import dev.caravan.queue.QueueNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeedTest {
  private static final String QUEUE = QueueNames.OUT;
  private static final int WINDOW = 16 * 1024;
  private static final long LOOK_MILLIS = 200;

  @TempDir Path temp = Path.of("");
  private Broker broker;
  private final AtomicBoolean resting = new AtomicBoolean();

  @BeforeEach
  void start() throws Exception {
    broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                temp, "127.0.0.1", -1, 100, 64 * 1024 * 1024, 64 * 1024 * 1024));
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  private void send(int from, int to, int size, int priority) throws Exception {
    try (ClientSessionFactory connection = broker.connect();
        ClientSession session = broker.session(connection, true);
        ClientProducer producer = session.createProducer(QUEUE)) {
      for (int i = from; i < to; i++) {
        ClientMessage message = session.createMessage(Message.BYTES_TYPE, true);
        message.putIntProperty("n", i);
        message.setPriority((byte) priority);
        if (size > Broker.LARGE_MESSAGE) {
          message.setBodyInputStream(new ByteArrayInputStream(new byte[size]));
        } else {
          message.getBodyBuffer().writeBytes(new byte[size]);
        }
        producer.send(message);
      }
      session.commit();
    }
  }

  private Feed feed() throws ActiveMQException {
    return new Feed(broker, QUEUE, WINDOW, resting::get);
  }

  private static int number(Held held) {
    return held.message().getIntProperty("n");
  }

  private static Held next(Feed feed) throws Exception {
    return feed.next(true).orElseThrow();
  }

  /** Empty when none has come at the next look. */
  private static Optional<Held> soon(Feed feed) throws Exception {
    try (ScheduledExecutorService looker = Executors.newSingleThreadScheduledExecutor()) {
      var looking =
          looker.scheduleWithFixedDelay(
              feed::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      try {
        return feed.next(false);
      } finally {
        looking.cancel(false);
      }
    }
  }

  private static void done(Feed feed, Held held) throws ActiveMQException {
    feed.commit(held, new SharedTransaction(held.message()));
  }

  private long waiting() throws Exception {
    return broker.use(QUEUE).messages();
  }

  private void awaitHandedOut(int least) throws InterruptedException {
    while (broker.inHand(QUEUE, Choice.ALL).size() < least) {
      Thread.sleep(5);
    }
  }

  @Test
  void manyWorkersShareItAndEachMessageIsWorkedAtOnce() throws Exception {
    send(0, 500, 1_000, 4);
    Set<Integer> seen = ConcurrentHashMap.newKeySet();
    try (Feed feed = feed();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        counts.add(
            workers.submit(
                () -> {
                  int mine = 0;
                  for (var held = soon(feed); held.isPresent(); held = soon(feed)) {
                    assertThat(seen.add(number(held.get()))).isTrue();
                    done(feed, held.get());
                    mine++;
                  }
                  return mine;
                }));
      }
      int all = 0;
      for (Future<Integer> count : counts) {
        all += count.get();
      }
      assertThat(all).isEqualTo(500);
    }
    assertThat(waiting()).isZero();
  }

  @Test
  void whatIsSentIsThereWhenTheMessageHasGone() throws Exception {
    send(0, 1, 10, 4);
    try (Feed feed = feed()) {
      Held held = next(feed);
      SharedTransaction transaction = new SharedTransaction(held.message());
      transaction.send(
          new SpoolSender.Parcel(
              QueueNames.DEAD, session -> session.createMessage(Message.BYTES_TYPE, true)));
      assertThat(broker.use(QueueNames.DEAD).messages()).isZero();
      feed.commit(held, transaction);
    }
    assertThat(waiting()).isZero();
    assertThat(broker.use(QueueNames.DEAD).messages()).isEqualTo(1);
  }

  @Test
  void whatIsNotCommittedIsThereAgainInItsOrder() throws Exception {
    send(0, 5, 100, 4);
    try (Feed feed = feed()) {
      next(feed);
      done(feed, next(feed));
      next(feed);
    }
    assertThat(waiting()).isEqualTo(4);
    try (Feed feed = feed()) {
      List<Integer> again = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        again.add(number(next(feed)));
      }
      assertThat(again).containsExactly(0, 2, 3, 4);
    }
  }

  @Test
  void noMoreIsFetchedInAdvanceThanTheWindowHolds() throws Exception {
    send(0, 100, 1_000, 4);
    try (Feed feed = feed()) {
      awaitHandedOut(5);
      assertThat(soon(feed)).isPresent();
      assertThat(broker.inHand(QUEUE, Choice.ALL)).hasSizeBetween(5, 40);
    }
  }

  @Test
  void whatIsGivenBackIsTheNext() throws Exception {
    send(0, 3, 100, 4);
    try (Feed feed = feed()) {
      Held first = next(feed);
      assertThat(feed.isInWork(first.number())).isTrue();
      feed.giveBack(first);
      assertThat(feed.isInWork(first.number())).isFalse();
      assertThat(next(feed)).isSameAs(first);
    }
  }

  @Test
  void theMostUrgentOfThoseFetchedIsTheNext() throws Exception {
    send(0, 3, 100, 4);
    try (Feed feed = feed()) {
      awaitHandedOut(3);
      send(3, 4, 100, 9);
      awaitHandedOut(4);
      List<Integer> order = new ArrayList<>();
      feed.giveBack(next(feed));
      while (order.size() < 4) {
        order.add(number(next(feed)));
      }
      assertThat(order.subList(0, 2)).contains(3);
    }
  }

  @Test
  void largeMessagesAreReadAsTheyCome() throws Exception {
    int size = 3 * Broker.LARGE_MESSAGE;
    send(0, 3, size, 4);
    send(3, 4, 10, 4);
    try (Feed feed = feed()) {
      for (int i = 0; i < 3; i++) {
        Held held = next(feed);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        held.message().saveToOutputStream(octets);
        assertThat(number(held)).isEqualTo(i);
        assertThat(octets.size()).isEqualTo(size);
        done(feed, held);
      }
      assertThat(number(next(feed))).isEqualTo(3);
    }
    assertThat(waiting()).isEqualTo(1);
  }

  @Test
  void aLargeMessageThatNobodyReadsIsThereAgain() throws Exception {
    send(0, 2, 2 * Broker.LARGE_MESSAGE, 4);
    try (Feed feed = feed()) {
      assertThat(number(next(feed))).isZero();
    }
    assertThat(waiting()).isEqualTo(2);
  }

  @Test
  void theEndWakesThoseWhoWait() throws Exception {
    try (Feed feed = feed();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> got = workers.submit(() -> feed.next(true).isPresent());
      feed.end();
      assertThat(got.get()).isFalse();
    }
  }

  @Test
  void nothingIsTakenInARecessButWhatIsHereCanBeMoved() throws Exception {
    send(0, 3, 100, 4);
    try (Feed feed = feed()) {
      awaitHandedOut(3);
      resting.set(true);
      assertThat(soon(feed)).isEmpty();
      List<Held> chosen = feed.take(held -> number(held) == 1);
      assertThat(chosen).hasSize(1);
      done(feed, chosen.getFirst());
      resting.set(false);
      assertThat(number(next(feed))).isZero();
      assertThat(number(next(feed))).isEqualTo(2);
    }
    assertThat(waiting()).isEqualTo(2);
  }

  @Test
  void afterACommitThatFailedNobodyGetsAnything() throws Exception {
    send(0, 2, 100, 4);
    try (Feed feed = feed()) {
      Held held = next(feed);
      SharedTransaction bad = new SharedTransaction(held.message());
      bad.send(
          new SpoolSender.Parcel(
              QUEUE,
              session -> {
                throw new IllegalStateException("its content is gone");
              }));
      assertThatThrownBy(() -> feed.commit(held, bad)).isInstanceOf(ActiveMQException.class);
      assertThat(feed.isBroken()).isTrue();
      assertThatThrownBy(() -> soon(feed)).isInstanceOf(ActiveMQException.class);
    }
    assertThat(waiting()).isEqualTo(2);
  }
}
