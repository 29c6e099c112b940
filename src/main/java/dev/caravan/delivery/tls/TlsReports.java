package dev.caravan.delivery.tls;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.dns.Resolver;
import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Mail;
import dev.caravan.mail.MailId;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts how connections to MX hosts begin, and reports it to the domains that want to know (RFC
 * 8460), some hours after the end of each day (UTC). Off without an address to send from. The
 * counts are written to disk at each {@link #due}: a crash loses those since the last. Safe for
 * many threads.
 */
public final class TlsReports {
  private static final Logger LOG = LoggerFactory.getLogger(TlsReports.class);
  private static final int DAYS_MAX = 7;
  private static final long FILE_MAX = 100_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** RFC 8460, 4.1: not all reports of the world at once. */
  private static final long DELAY_SECONDS_MAX = Duration.ofHours(4).toSeconds();

  private final Optional<EmailAddress> from;
  private final String hostname;
  private final Resolver resolver;
  private final TlsReportPoster poster;
  private final Path folder;
  private final InstantSource clock;
  private final RandomGenerator random = new SecureRandom();
  private final Map<LocalDate, TlsStats> days = new TreeMap<>();

  /**
   * @param from the address that reports come from and answers go to; empty = no reports
   * @param hostname our name
   * @param tls knows the authorities for HTTPS
   * @param folder where counts are kept
   * @param proxy {@code host:port} for HTTPS; empty = none
   * @param refuseNetworks never posted to without a proxy
   */
  public TlsReports(
      String from,
      String hostname,
      Resolver resolver,
      TlsClient tls,
      String folder,
      String proxy,
      String refuseNetworks) {
    this(
        from,
        hostname,
        resolver,
        new TlsReportPoster(new Https(tls, proxy, resolver, refuseNetworks), Clock.systemUTC()),
        Path.of(folder),
        Clock.systemUTC());
  }

  TlsReports(
      String from,
      String hostname,
      Resolver resolver,
      TlsReportPoster poster,
      Path folder,
      InstantSource clock) {
    this.from = from.isEmpty() ? Optional.empty() : Optional.of(EmailAddress.parse(from));
    this.hostname = hostname;
    this.resolver = resolver;
    this.poster = poster;
    this.folder = folder;
    this.clock = clock;
    if (this.from.isPresent()) {
      load();
    }
  }

  void good(Found found) {
    if (from.isPresent()) {
      today().good(found);
    }
  }

  /**
   * A connection that failed, or should have.
   *
   * @param address the server's, when it came so far
   */
  void bad(Found found, TlsTrouble trouble, String host, Optional<InetAddress> address) {
    if (from.isPresent()) {
      today()
          .bad(
              found,
              new TlsStats.Detail(
                  trouble.result(),
                  address.map(TlsReports::ours).orElse(""),
                  host,
                  address.map(InetAddress::getHostAddress).orElse(""),
                  trouble.reason()));
    }
  }

  /** Our address as that server sees it, as far as this machine knows. */
  private static String ours(InetAddress server) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(server, 25)); // sends nothing
      return socket.getLocalAddress().getHostAddress();
    } catch (SocketException e) {
      return "";
    }
  }

  private TlsStats today() {
    LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    synchronized (days) {
      return days.computeIfAbsent(day, d -> new TlsStats());
    }
  }

  /**
   * Writes the counts down, posts reports that are wanted over HTTPS, and gives those that are
   * wanted by mail. After they are in the queue, {@link #done} forgets their days.
   */
  public List<Mail> due() throws InterruptedException {
    List<Mail> mails = new ArrayList<>();
    if (from.isEmpty()) {
      return mails;
    }
    save();
    poster.again();
    Instant now = clock.instant();
    for (Map.Entry<LocalDate, TlsStats> day : over(now).entrySet()) {
      for (Domain domain : day.getValue().domains()) {
        TlsReportRecord wanted =
            TlsReportRecord.parse(resolver.txt("_smtp._tls." + domain.name()).recordsOrEmpty());
        TlsReport report =
            new TlsReport(
                from.get(), hostname, domain, day.getKey(), day.getValue().policies(domain));
        for (EmailAddress to : wanted.addresses()) {
          mails.add(report.mail(MailId.next(clock, random), to, now));
        }
        for (URI uri : wanted.uris()) {
          poster.post(uri, report.gzip());
        }
      }
    }
    return mails;
  }

  /** The reports that {@link #due} gave are in the queue. */
  public void done() {
    for (LocalDate day : over(clock.instant()).keySet()) {
      synchronized (days) {
        days.remove(day);
      }
      try {
        Files.deleteIfExists(file(day));
      } catch (IOException e) {
        LOG.warn("{} is not removed: {}", file(day), e.toString());
      }
    }
  }

  /** Days that have ended some hours ago. */
  private Map<LocalDate, TlsStats> over(Instant now) {
    Map<LocalDate, TlsStats> over = new TreeMap<>();
    synchronized (days) {
      days.forEach(
          (day, stats) -> {
            long delay = Math.floorMod((hostname + day).hashCode(), DELAY_SECONDS_MAX);
            Instant due = day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
            if (!now.isBefore(due.plusSeconds(delay))) {
              over.put(day, stats);
            }
          });
    }
    return over;
  }

  private Path file(LocalDate day) {
    return folder.resolve(day + ".json");
  }

  private void save() {
    Map<LocalDate, TlsStats> all;
    synchronized (days) {
      all = new TreeMap<>(days);
    }
    all.forEach(
        (day, stats) -> {
          try {
            Files.createDirectories(folder);
            Path fresh = folder.resolve(day + ".tmp");
            Files.write(fresh, JSON.writeValueAsBytes(stats.policies()));
            Files.move(fresh, file(day), StandardCopyOption.ATOMIC_MOVE);
          } catch (IOException e) {
            LOG.warn("the counts for TLS reports are not kept: {}", e.toString());
          }
        });
  }

  private void load() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    LocalDate oldest = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(DAYS_MAX);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        try {
          LocalDate day = LocalDate.parse(String.valueOf(file.getFileName()).replace(".json", ""));
          if (day.isBefore(oldest)) {
            Files.delete(file);
          } else if (Files.size(file) <= FILE_MAX
              && JSON.readTree(Files.readAllBytes(file)) instanceof ArrayNode policies) {
            days.put(day, TlsStats.read(policies));
          }
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
          LOG.warn("{} is not read: {}", file, e.toString());
        }
      }
    } catch (IOException e) {
      LOG.warn("{} is not read: {}", folder, e.toString());
    }
  }
}
