package dev.caravan.delivery;

import dev.caravan.mail.Content;
import dev.caravan.mail.MailOptions;
import dev.caravan.queue.QueuedMail;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The octets that one transaction sends.
 *
 * @param file of a converted message; deleted when this is closed
 */
record Message(Content content, MailOptions.Body body, Optional<Path> file)
    implements AutoCloseable {

  static Message asIs(QueuedMail mail) {
    return new Message(mail.content(), mail.envelope().body(), Optional.empty());
  }

  long size() {
    return content.size();
  }

  @Override
  public void close() {
    if (file.isPresent()) {
      try {
        Files.deleteIfExists(file.get());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
