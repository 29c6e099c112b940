package dev.caravan.camel.broker;

import dev.caravan.auth.LoginGuard;
import dev.caravan.auth.Users;
import dev.caravan.netty.Encryption;
import dev.caravan.queue.QueueNames;
import jakarta.jms.ConnectionFactory;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/** The broker as the gateway uses it, embedded or external. Safe for use by many threads. */
public interface Broker extends AutoCloseable {
  /** Messages from this size on travel and rest as streams, never whole in memory. Octets. */
  int LARGE_MESSAGE = 256 * 1024;

  /** The property of a submission that says who logged in to send it; set by our own broker. */
  String SUBMITTED_BY = "submittedBy";

  /** How often a submission has been put off. */
  String PUT_OFF = "submissionPutOff";

  /** How much of a queue's messages a consumer that does not say it holds in advance: nothing. */
  int NO_PREFETCH = 0;

  /** A new connection, for sessions that commit or only read; the caller closes it. */
  ClientSessionFactory connect() throws ActiveMQException;

  /**
   * A new connection for sessions that take mail. When it is lost it is not made again: what it had
   * fetched is the broker's again at once, and not sent to a session that nobody looks at any more.
   * The caller closes it, and makes another.
   */
  ClientSessionFactory connectOnce() throws ActiveMQException;

  /** A new connection whose sends are confirmed one by one, later; the caller closes it. */
  ClientSessionFactory connectConfirming() throws ActiveMQException;

  /**
   * A new session on this connection; the caller closes it.
   *
   * @param transacted whether sends and acknowledgements wait for a commit
   */
  ClientSession session(ClientSessionFactory connection, boolean transacted)
      throws ActiveMQException;

  /** For camel-jms: submissions, answers, and what operators write. */
  ConnectionFactory jms();

  /** Why no mail can be taken in now, such as a full disk; empty when it can. */
  Optional<String> fullBecause();

  /** Whether anybody would receive what is sent to this address now; true where unknown. */
  boolean hasListeners(String address);

  /**
   * Whether a message with this duplicate id has been sent to the address, as far as that is
   * remembered; false where it can't be known.
   */
  boolean hasSeen(String address, byte[] duplicateId);

  /** Declares durable anycast queues, each on the address of its name, that do not exist yet. */
  void declare(List<String> queues) throws ActiveMQException;

  /**
   * The names of the queues that begin like this.
   *
   * @throws ActiveMQException when the broker can't tell, or may not tell us
   */
  List<String> queues(String prefix) throws ActiveMQException;

  /** Drops what is too old in the queues that begin like this, where the broker is our own. */
  default void expire(String prefix) {}

  /** How many messages a queue holds and how many take from it; zero where there is no queue. */
  QueueUse use(String queue) throws ActiveMQException;

  /** Deletes a queue; false, and it stays, when it is not empty or somebody takes from it. */
  boolean remove(String queue) throws ActiveMQException;

  /** Whether no other gateway uses it. */
  boolean isOurs();

  /** How full our queues are. */
  List<QueueDepth> depths();

  /**
   * The mails of a queue that a worker has in its hands, which no browser sees: those in delivery
   * and the next of a rung. Empty where it can't be known.
   */
  List<WaitingMail> inDelivery(String queue);

  /**
   * Looks at the messages of a queue from its head, those that workers have in their hands first
   * where that can be known. None is held meanwhile, in memory or from its worker.
   *
   * @throws Exception of the visitor, or when the broker can't be reached
   */
  void browse(String queue, Choice choice, Choice.Visitor visitor) throws Exception;

  /**
   * The numbers of those messages that have been handed out to workers; none where it can't be
   * known.
   */
  Set<Long> inHand(String queue, Choice choice);

  /** Whether the broker moves messages for us. One that does not tell its queues doesn't. */
  default boolean canMove() {
    try {
      queues(QueueNames.OUT);
      return true;
    } catch (ActiveMQException e) {
      return false;
    }
  }

  /**
   * Moves messages to another queue, unchanged, without reading them into this process; a queue
   * that is on disk for the most part is read there. Each message is in exactly one of both queues
   * at any time.
   *
   * @param max of messages; there may be some more, of those in the broker's memory
   * @return how many
   * @throws ActiveMQException when it can't be done, or may not be done by us
   */
  int move(String from, String to, Choice choice, int max) throws ActiveMQException;

  /** {@code HOST:PORT} where applications reach it; empty when it has no listener. */
  Optional<String> listener();

  /** The same, for those who encrypt from the first octet. */
  default Optional<String> secureListener() {
    return Optional.empty();
  }

  /** Opens the encrypted listener, where the broker is our own and is to have one. */
  default void encrypt(Encryption encryption) throws ActiveMQException {}

  /** Counts failed logins here too, where the broker is our own. */
  default void guard(LoginGuard guard) {}

  /** Lets these log in to submit mail, where the broker is our own. */
  default void users(Users users) {}

  /**
   * Tells when the broker has ended by itself and can't come back in this process, with the reason;
   * an external one comes back, and is waited for.
   */
  void onLoss(Consumer<String> listener);

  /** Stops the broker when it is embedded; closes connections otherwise. */
  @Override
  void close();
}
