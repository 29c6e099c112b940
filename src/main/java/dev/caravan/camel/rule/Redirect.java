package dev.caravan.camel.rule;

import dev.caravan.mail.DsnRequest;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Envelope;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * Sends a mail to others: {@code redirect} instead of the recipient (in the route {@code
 * recipient}) or of all recipients (in {@code message}); {@code copy} beside them (in {@code
 * message}), of which the sender is told nothing (NOTIFY=NEVER).
 */
public final class Redirect {
  private final boolean keep;

  /**
   * @param keep whether the recipients stay
   */
  public Redirect(boolean keep) {
    this.keep = keep;
  }

  /**
   * @param addresses one, or in {@code message} several with commas between
   */
  public void to(String addresses, Exchange exchange) {
    List<EmailAddress> others =
        Arrays.stream(addresses.split(","))
            .map(String::strip)
            .filter(a -> !a.isEmpty())
            .map(EmailAddress::parse)
            .toList();
    Question<?> question = Rules.question(exchange);
    if (question.isDecided()) {
      return;
    }
    if (question instanceof Recipient recipient && !keep && others.size() == 1) {
      exchange.getIn().setBody(recipient.withRecipient(others.getFirst()));
      return;
    }
    Mail mail = Rules.mail(exchange, keep ? "copy" : "redirect to several");
    Envelope old = mail.envelope();
    if (!keep) {
      Rules.change(exchange, mail.withEnvelope(old.withRecipients(others)));
      return;
    }
    List<EmailAddress> all = new ArrayList<>(old.recipients());
    all.addAll(others);
    Map<EmailAddress, DsnRequest> dsn = new HashMap<>(old.dsn());
    others.stream()
        .filter(o -> !old.recipients().contains(o))
        .forEach(o -> dsn.put(o, new DsnRequest(Set.of(DsnRequest.Notify.NEVER), "")));
    Rules.change(exchange, mail.withEnvelope(new Envelope(old.sender(), all, old.options(), dsn)));
  }
}
