package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.mail.Durations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replies of servers that greylist, with the patterns as shipped. */
final class GreylistTest {
  private static final QueuedMail MAIL =
      QueuedMails.mail("a@sender.example", List.of("b@dest.example"), "\r\n");

  /** Columns: the reply, and the rung it leads to at a schedule of 1m,5m,15m,1h,4h. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // postgrey, with and without its link
        "450 4.2.0 <b@dest.example>: Recipient address rejected: Greylisted, see"
            + " http://postgrey.schweikert.ch/help/dest.example.html | 5m",
        "450 4.2.0 <b@dest.example>: Recipient address rejected: Greylisted for 300 seconds (see"
            + " http://dest.example) | 5m",
        "450 <b@dest.example>: Recipient address rejected: Greylisting in action, please come back"
            + " later | 5m",
        // milter-greylist
        "451 4.7.1 Greylisting in action, please come back in 00:05:00 | 5m",
        "451 4.7.1 Greylisting in action, please come back in 00:09:12 | 10m",
        "451 4.7.1 Greylisting in action, please come back in 01:30:00 | 1h",
        // sqlgrey
        "450 4.7.1 Greylisted for 5 minutes | 5m",
        "450 4.2.0 Greylisted for 1 minutes | 1m",
        // rspamd
        "451 4.7.1 Try again later | 5m",
        "451 4.7.1 Greylisting in effect, please try again later | 5m",
        // Exchange
        "451 4.7.1 Please try again later | 5m",
        "451 4.7.0 Temporary server error. Please try again later. PRX5 | 5m",
        // OpenBSD's spamd
        "451 Temporary failure, please try again later. | 5m",
        // others
        "451 GREYLISTED, wait 10 min | 10m",
        "450 4.7.1 Client host rejected: cannot accept yet, retry in 120 seconds | 5m",
        "451 Please retry after 45s | 1m",
        "450 Grey-listed, you must wait at least 1200 seconds | 30m",
        // no greylisting: what the schedule says
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly | 1m",
        "452 4.2.2 Mailbox full | 1m",
        "421 4.7.0 Try again later, closing connection. | 1m",
        "421 4.7.1 Greylisted | 1m",
        "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. | 1m",
        "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited, try again | 1m",
        "450 4.3.2 Service currently unavailable | 1m",
        "550 5.7.1 Greylisted | 1m",
        "451 4.3.0 Local error in processing | 1m",
        "4.7.1 | 1m",
      })
  void whatAReplyLeadsTo(String reply, String rung) throws Exception {
    assertThat(rung(ladder("5m"), 1, reply)).isEqualTo(rung);
  }

  /** Columns: attempts so far, the rung. */
  @ParameterizedTest
  @CsvSource({"1,5m", "2,5m", "3,5m", "4,1h", "5,4h"})
  void onlyTheFirstAttemptsAreTooEarly(int attempts, String rung) throws Exception {
    assertThat(rung(ladder("5m"), attempts, "450 4.2.0 Greylisted")).isEqualTo(rung);
  }

  @Test
  void itCanBeTurnedOff() throws Exception {
    assertThat(rung(ladder("0s"), 1, "450 4.2.0 Greylisted")).isEqualTo("1m");
    assertThat(ladder("0s").rungs()).hasSize(5);
  }

  @Test
  void itHasRungsOfItsOwn() throws Exception {
    assertThat(ladder("7m").rungs())
        .extracting(Ladder.Rung::name)
        .containsExactly("1m", "5m", "15m", "1h", "4h", "7m", "14m", "21m", "42m", "84m");
    assertThat(rung(ladder("7m"), 1, "450 4.2.0 Greylisted")).isEqualTo("7m");
  }

  @Test
  void aLongWaitDoesNotOutliveTheMail() throws Exception {
    Ladder ladder = ladder("5m");
    QueuedMail mail =
        QueuedMails.tried(MAIL, 1, "451 4.7.1 Greylisting in action, come back in 00:55:00");
    assertThat(ladder.rungFor(mail, QueuedMails.QUEUED_AT).name()).isEqualTo("1h");
    assertThat(ladder.rungFor(mail, ladder.expiresAt(mail).minus(Durations.parse("3h"))).name())
        .isEqualTo("1h");
    Ladder brief = new Ladder("1m,5m,15m", "20m", "0s");
    brief.setGreylist(shipped("5m"));
    assertThat(brief.rungFor(mail, QueuedMails.QUEUED_AT).name()).isEqualTo("15m");
  }

  private static String rung(Ladder ladder, int attempts, String reply) {
    return ladder.rungFor(QueuedMails.tried(MAIL, attempts, reply), QueuedMails.QUEUED_AT).name();
  }

  private static Ladder ladder(String delay) throws Exception {
    Ladder ladder = new Ladder("1m,5m,15m,1h,4h", "5d", "4h");
    ladder.setGreylist(shipped(delay));
    return ladder;
  }

  /** With the patterns that an operator finds in the parts list. */
  private static Greylist shipped(String delay) throws Exception {
    List<String> patterns = new ArrayList<>();
    Pattern.compile("key=\"patterns\\[\\d+]\" value=\"([^\"]*)\"")
        .matcher(Files.readString(Path.of("routes/beans.xml")))
        .results()
        .forEach(m -> patterns.add(m.group(1)));
    assertThat(patterns).hasSizeGreaterThan(3);
    Greylist greylist = new Greylist(delay);
    greylist.setPatterns(patterns);
    return greylist;
  }
}
