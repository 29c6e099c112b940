package dev.caravan.policy;

import dev.caravan.auth.Account;
import dev.caravan.auth.Users;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.util.Optional;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.address.LenientAddressParser;

/**
 * As whom a user may send: whoever has logged in uses only the addresses and domains of its
 * account, in the envelope and in the header field From (RFC 6409, 6.1).
 */
public final class SenderPermission {
  private static final Verdict.Reject NOT_YOURS =
      new Verdict.Reject(SmtpReply.of(553, "5.7.1", "Not your sender address"));
  private static final Verdict.Reject FROM_NOT_YOURS =
      new Verdict.Reject(SmtpReply.of(550, "5.7.1", "The From field is not your address"));

  private final Users users;

  public SenderPermission(Users users) {
    this.users = users;
  }

  /** The envelope's sender; the null path of a report is everybody's. */
  public Sender check(Sender question) {
    Optional<EmailAddress> address = question.sender().address();
    boolean may =
        question.isDecided()
            || address.isEmpty()
            || account(question.origin()).map(a -> a.maySendAs(address.get())).orElse(true);
    return may ? question : question.decide(NOT_YOURS);
  }

  /** The addresses that people see; of a mail that was not asked for at MAIL, the sender too. */
  public Mail checkFrom(Mail mail) {
    Optional<Account> account =
        mail.isDecided()
            ? Optional.empty()
            : account(mail.origin()).filter(a -> !a.senders().isEmpty());
    if (account.isEmpty()) {
      return mail;
    }
    Optional<EmailAddress> sender = mail.sender().address();
    if (sender.isPresent() && !account.get().maySendAs(sender.get())) {
      return mail.decide(NOT_YOURS);
    }
    return maySend(account.get(), mail) ? mail : mail.decide(FROM_NOT_YOURS);
  }

  private static boolean maySend(Account account, Mail mail) {
    for (var field : mail.content().header().all("From")) {
      var authors = LenientAddressParser.DEFAULT.parseAddressList(field.value()).flatten();
      if (authors.isEmpty()) {
        return false; // a reader may see an address where we see none
      }
      for (Mailbox from : authors) {
        if (!maySendAs(account, from.getAddress())) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean maySendAs(Account account, String address) {
    try {
      return account.maySendAs(EmailAddress.parse(address));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Optional<Account> account(Origin origin) {
    return origin.source() == Origin.Source.BOUNCE
        ? Optional.empty()
        : origin.user().flatMap(users::find);
  }
}
