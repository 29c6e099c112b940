package dev.caravan.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.caravan.auth.Account;
import dev.caravan.auth.Users;
import dev.caravan.mail.AddressBlock;
import dev.caravan.mail.Durations;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages and recipients in an hour, for each user and for each address of strangers: a leaked
 * password brakes itself. Over it a client hears {@code 450 4.7.1}, and its account can be paused.
 *
 * <p>Counted by the generic cell rate algorithm: so many at once, and then as many as an hour
 * allows at its pace. IPv6 addresses of one network of 64 bits count as one.
 */
public final class RateLimit {
  private static final Logger LOG = LoggerFactory.getLogger(RateLimit.class);
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long ALMOST_A_SECOND = 999_999_999;
  private static final int KNOWN_MAX = 200_000;

  private final Users users;
  private final int userMessages;
  private final int userRecipients;
  private final int addressMessages;
  private final int addressRecipients;
  private final Duration pause;
  private final InstantSource clock;

  /** When what has been counted will have drained, in nanoseconds of the clock. */
  private final Cache<String, Long> ofUsers = known();

  /** Apart, so that strangers from many addresses make no user's count forgotten. */
  private final Cache<String, Long> ofAddresses = known();

  /** Until when nothing more is said of it. */
  private final Cache<String, Long> warned = known();

  private final Cache<String, Long> pausedUntil =
      Caffeine.newBuilder().executor(Runnable::run).maximumSize(KNOWN_MAX).build();

  /**
   * @param userMessages of each user in an hour, unless its account says otherwise; 0 = no limit
   * @param userRecipients the same
   * @param addressMessages of each address that may not relay; 0 = no limit
   * @param addressRecipients the same
   * @param pause how long an account is paused that went over its limit; 0s = not at all
   */
  public RateLimit(
      Users users,
      int userMessages,
      int userRecipients,
      int addressMessages,
      int addressRecipients,
      String pause) {
    this(
        users,
        userMessages,
        userRecipients,
        addressMessages,
        addressRecipients,
        pause,
        Clock.systemUTC());
  }

  RateLimit(
      Users users,
      int userMessages,
      int userRecipients,
      int addressMessages,
      int addressRecipients,
      String pause,
      InstantSource clock) {
    this.users = users;
    this.userMessages = userMessages;
    this.userRecipients = userRecipients;
    this.addressMessages = addressMessages;
    this.addressRecipients = addressRecipients;
    this.pause = Durations.parse(pause);
    this.clock = clock;
  }

  /** Counts a message at MAIL. */
  public Sender checkMessage(Sender question) {
    return question.isDecided()
        ? question
        : over(question, "messages").map(question::decide).orElse(question);
  }

  /** Counts a recipient at RCPT. */
  public Recipient checkRecipient(Recipient question) {
    return question.isDecided()
        ? question
        : over(question, "recipients").map(question::decide).orElse(question);
  }

  /** Counts a mail that was not asked for at MAIL and RCPT: it, and each of its recipients. */
  public Mail checkMail(Mail mail) {
    if (mail.isDecided()) {
      return mail;
    }
    Optional<Verdict> over = over(mail, "messages", 1);
    if (over.isEmpty()) {
      over = over(mail, "recipients", mail.recipients().size());
    }
    return over.map(mail::decide).orElse(mail);
  }

  private Optional<Verdict> over(Question<?> question, String what) {
    return over(question, what, 1);
  }

  private Optional<Verdict> over(Question<?> question, String what, int number) {
    Origin origin = question.origin();
    boolean messages = what.equals("messages");
    if (origin.user().isPresent()) {
      String user = origin.user().get();
      Optional<Account> account = users.find(user);
      int own = account.map(a -> messages ? a.messagesPerHour() : a.recipientsPerHour()).orElse(0);
      int max = own > 0 ? own : messages ? userMessages : userRecipients;
      return overOfUser(user, what, max, number);
    }
    if (origin.trusted() || origin.peer().isEmpty()) {
      return Optional.empty();
    }
    String network = AddressBlock.of(origin.peer().get().getAddress()).getHostAddress();
    int max = messages ? addressMessages : addressRecipients;
    return count(ofAddresses, "address " + network, what, max, number);
  }

  private Optional<Verdict> overOfUser(String user, String what, int max, int number) {
    long now = now();
    Long until = pausedUntil.getIfPresent(user);
    if (until != null && now < until) {
      return Optional.of(later("Your account is paused", until - now));
    }
    Optional<Verdict> over = count(ofUsers, "user " + user, what, max, number);
    if (over.isPresent() && !pause.isZero()) {
      pausedUntil.put(user, now + pause.toNanos());
      LOG.warn("the account {} is paused for {}: too many {}", user, pause, what);
    }
    return over;
  }

  /** One alone that is more than an hour's is let pass where nothing else was before it. */
  private Optional<Verdict> count(
      Cache<String, Long> drained, String who, String what, int max, int number) {
    if (max == 0) {
      return Optional.empty();
    }
    long now = now();
    long each = HOUR / max;
    // The new value where it is allowed; unchanged where it is not.
    long[] excess = new long[1];
    drained
        .asMap()
        .compute(
            who + ' ' + what,
            (key, old) -> {
              long next = Math.max(old == null ? now : old, now) + each * number;
              excess[0] = next - now - each * max;
              return excess[0] > 0 && old != null ? old : next;
            });
    if (excess[0] <= 0) {
      return Optional.empty();
    }
    if (isNews(who + ' ' + what, now)) {
      LOG.warn("{}: over {} {} an hour", who, max, what);
    }
    return Optional.of(later("Too many " + what, excess[0]));
  }

  private static Verdict later(String why, long nanos) {
    long seconds = Math.max(1, Duration.ofNanos(nanos + ALMOST_A_SECOND).toSeconds());
    return new Verdict.Defer(
        SmtpReply.of(450, "4.7.1", why + ", try again in " + seconds + " seconds"));
  }

  /** Once an hour; every refusal is told as an event anyway. */
  private boolean isNews(String what, long now) {
    boolean[] news = new boolean[1];
    warned
        .asMap()
        .compute(
            what,
            (key, until) -> {
              news[0] = until == null || until <= now;
              return news[0] ? now + HOUR : until;
            });
    return news[0];
  }

  private static Cache<String, Long> known() {
    return Caffeine.newBuilder()
        .executor(Runnable::run)
        .maximumSize(KNOWN_MAX)
        .expireAfterWrite(Duration.ofHours(2))
        .build();
  }

  private long now() {
    return Duration.between(java.time.Instant.EPOCH, clock.instant()).toNanos();
  }
}
