package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.MailEvent;
import dev.caravan.event.MailEvent.Type;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order and the bounds of what is remembered of a mail. */
final class RecentMailsTest {
  private final RecentMails mails = new RecentMails(2);

  private void happens(String id, Type type) {
    mails.accept(
        List.of(
            new MailEvent(
                type,
                Instant.EPOCH,
                id,
                "a@sender.example",
                List.of("b@dest.example"),
                "",
                0,
                Optional.empty(),
                "",
                "",
                -1,
                "smtp",
                false,
                "")));
  }

  private List<Type> of(String id) {
    return mails.of(id).events().stream().map(MailEvent::type).toList();
  }

  /** It may be delivered before it is told that it was taken in. */
  @ParameterizedTest
  @CsvSource({
    "queued delivered, queued delivered",
    "delivered queued, queued delivered",
    "deferred bounced queued, queued deferred bounced",
    "held queued delivered, held queued delivered",
    "queued deferred queued, queued deferred queued",
  })
  void whatComesFirstStandsFirst(String told, String known) {
    for (String type : told.split(" ")) {
      happens("A", Type.valueOf(type.toUpperCase(java.util.Locale.ROOT)));
    }
    assertThat(of("A")).hasToString("[" + known.replace(" ", ", ") + "]");
  }

  @Test
  void thoseThatNothingHappenedToForLongAreForgotten() {
    happens("A", Type.QUEUED);
    happens("B", Type.QUEUED);
    happens("A", Type.DELIVERED);
    happens("C", Type.QUEUED);
    assertThat(of("A")).containsExactly(Type.QUEUED, Type.DELIVERED);
    assertThat(of("B")).isEmpty();
    assertThat(of("C")).containsExactly(Type.QUEUED);
  }

  @Test
  void oneMailHasABound() {
    for (int i = 0; i < 100; i++) {
      happens("A", Type.DEFERRED);
    }
    happens("A", Type.BOUNCED);
    assertThat(of("A")).hasSize(20).last().isEqualTo(Type.BOUNCED);
  }
}
