package dev.caravan.camel.jms;

import dev.caravan.camel.broker.Broker;
import dev.caravan.camel.broker.Choice;
import dev.caravan.camel.broker.MessageBody;
import dev.caravan.camel.broker.Receiving;
import dev.caravan.mail.Content;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Selector;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNonExistentQueueException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.jms.client.JMSExceptionHelper;

/**
 * Files that an application puts on its queue {@code mail.stage.NAME} before the mail that names
 * them: nobody has to encode them, and nobody has them in memory. They are looked at when a mail is
 * made, and leave the queue in the transaction that takes the mail in; so a mail that is refused
 * finds them again when it is replayed.
 *
 * @param broker asked for only when a mail names a file
 * @param user whose they are
 */
record StagedFiles(Supplier<Broker> broker, Optional<String> user) {
  /** Nobody's. */
  static final StagedFiles NONE =
      new StagedFiles(
          () -> {
            throw new IllegalStateException("nobody has staged anything");
          },
          Optional.empty());

  /** The property by which a mail names one. */
  static final String ID = "attachmentId";

  /** Nothing that would mean something in a selector. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@+/=-]{1,200}");

  static final String NAMED =
      "this is no attachmentId: 1 to 200 letters, digits and characters of ._:@+/=-";

  private static final List<Byte> OCTETS = List.of(Message.BYTES_TYPE, Message.DEFAULT_TYPE);

  /**
   * The draft with the octets of all its files. Those that are in a spool file are its reader's to
   * {@link #discard}.
   *
   * @param max octets of all
   * @throws RefusedException when one is not there, or no file, or they are too many octets
   */
  Draft fetched(Draft draft, Workspace room, long max) throws RefusedException {
    Map<String, Content> files = new HashMap<>();
    try {
      long left = max;
      List<Attachment> all = new ArrayList<>();
      for (Attachment attachment : draft.attachments()) {
        if (!attachment.isStaged()) {
          all.add(attachment);
          continue;
        }
        Content file = files.get(attachment.staged());
        if (file == null) {
          file = fetch(attachment.staged(), room, left);
          files.put(attachment.staged(), file);
        }
        left -= file.size();
        if (left < 0) {
          throw tooLarge();
        }
        all.add(attachment.with(file));
      }
      return draft.withAttachments(all);
    } catch (RefusedException | RuntimeException e) {
      files.values().forEach(Workspace::discard);
      throw e;
    }
  }

  /** Deletes the spool files of what {@link #fetched} gave. */
  static void discard(Draft fetched) {
    fetched.attachments().stream().map(Attachment::file).distinct().forEach(Workspace::discard);
  }

  private Content fetch(String id, Workspace room, long max) throws RefusedException {
    Fetch fetch = new Fetch(room, max);
    if (user.isPresent()) {
      try {
        broker.get().browse(queue(user.get()), new Named(id), fetch);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("the attachment " + id + " can't be fetched now", e);
      }
    }
    return fetch.found(id, user);
  }

  private static RefusedException tooLarge() {
    return new RefusedException("5.3.4", "the message with its attachments is too large");
  }

  private static String queue(String user) {
    return QueueNames.STAGE_PREFIX + user;
  }

  private record Named(String id) implements Choice {
    @Override
    public Selector selector() {
      return new Selector(ID + " = '" + id + "'", true);
    }

    @Override
    public boolean test(Message message) {
      return id.equals(message.getStringProperty(ID)) && !message.isExpired();
    }
  }

  /** Copies the first one that it sees. */
  private static final class Fetch implements Choice.Visitor {
    private final Workspace room;
    private final long max;
    private Optional<Content> content = Optional.empty();
    private Optional<RefusedException> refusal = Optional.empty();

    Fetch(Workspace room, long max) {
      this.room = room;
      this.max = max;
    }

    @Override
    public boolean see(Message message, boolean inHand) {
      if (!OCTETS.contains(message.toCore().getType())) {
        refusal =
            Optional.of(
                new RefusedException("5.6.0", "a staged attachment must be a BytesMessage"));
        return false;
      }
      Content copy =
          room.write(
              message.getWholeMessageSize(), out -> MessageBody.writeTo(message, out, max + 1));
      if (copy.size() > max) {
        Workspace.discard(copy);
        refusal = Optional.of(tooLarge());
      } else {
        content = Optional.of(copy);
      }
      return false;
    }

    Content found(String id, Optional<String> user) throws RefusedException {
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      return content.orElseThrow(
          () ->
              new RefusedException(
                  "5.6.0", "no attachment " + id + " is staged in " + queue(user.orElse("NAME"))));
    }
  }

  /**
   * Takes them off the queue with the session's transaction; those that are gone already are
   * nobody's loss.
   */
  static void remove(Session session, Optional<String> user, List<String> ids) throws JMSException {
    if (ids.isEmpty() || user.isEmpty()) {
      return;
    }
    String selector =
        ids.stream().map(id -> "'" + id + "'").collect(Collectors.joining(",", ID + " IN (", ")"));
    try {
      ClientSession core = HandOver.core(session).getCoreSession();
      try (ClientConsumer consumer = core.createConsumer(queue(user.get()), selector)) {
        for (ClientMessage message = Receiving.next(consumer);
            message != null;
            message = Receiving.next(consumer)) {
          message.acknowledge();
        }
      }
    } catch (ActiveMQNonExistentQueueException e) {
      // Whoever repeats a mail after a long time has staged nothing again.
    } catch (ActiveMQException e) {
      throw JMSExceptionHelper.convertFromActiveMQException(e);
    }
  }
}
