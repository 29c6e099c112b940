package dev.caravan.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Every key there is. */
final class Keys {
  static final List<Key> ALL =
      List.of(
          key("hostname", hostname(), Kind.HOSTNAME),
          key("data-dir", "data", Kind.FOLDER),
          key("routes-dir", "routes", Kind.FOLDER),
          key("config-dir", "config", Kind.FOLDER),
          key("smtp.host", "127.0.0.1", Kind.HOST),
          key("smtp.port", "2525", Kind.PORT),
          key("smtp.message-size-max", "50MB", Kind.bytes("1KB", "2000MB")),
          key("smtp.header-max", "128KB", Kind.bytes("1KB", "192KB")),
          key("smtp.recipients-max", "1000", Kind.number(1, 1_000_000)),
          key("smtp.errors-max", "10", Kind.number(1, 10_000)),
          key("smtp.line-max", "64KB", Kind.bytes("1000", "16MB")),
          key("smtp.command-line-max", "4KB", Kind.bytes("512", "64KB")),
          key("smtp.idle-commands-max", "200", Kind.number(1, 1_000_000)),
          key("smtp.hops-max", "50", Kind.number(1, 1000)),
          key("smtp.spool-threshold", "256KB", Kind.bytes("1KB", "2000MB")),
          key("smtp.memory-max", "64MB", Kind.bytes("1MB", "1000GB")),
          key("smtp.disk-min", "100MB", Kind.bytes("0", "100000GB")),
          key("smtp.greeting-delay", "0s", Kind.duration("0s", "1m")),
          key("smtp.proxy-timeout", "10s", Kind.duration("1s", "5m")),
          key("smtp.command-timeout", "5m", Kind.duration("1s", "1d")),
          key("smtp.data-timeout", "10m", Kind.duration("1s", "1d")),
          key("smtp.message-timeout", "2h", Kind.duration("1s", "7d")),
          key("smtp.data-rate-min", "1KB", Kind.bytes("0", "1GB")),
          key("smtp.data-rate-grace", "30s", Kind.duration("0s", "1h")),
          key("smtp.connections-max", "10000", Kind.number(1, 1_000_000)),
          key("smtp.connections-per-address-max", "50", Kind.number(1, 1_000_000)),
          key("smtp.connection-rate-max", "1200", Kind.number(0, 1_000_000)),
          key("smtp.offences-max", "20", Kind.number(0, 1_000_000)),
          key("smtp.offence-window", "10m", Kind.duration("1s", "1d")),
          key("smtp.offender-block", "5m", Kind.duration("1s", "1d")),
          key("smtp.offender-delay", "5s", Kind.duration("0s", "1m")),
          key("smtp.hold-max", "7d", Kind.duration("0s", "365d")),
          key("smtp.xclient-networks", "", Kind.NETWORKS),
          key("smtp.proxy-networks", "", Kind.NETWORKS),
          key("submission.port", "2587", Kind.PORT_OR_OFF),
          key("submissions.port", "2465", Kind.PORT_OR_OFF),
          key("tls.certificate", "", Kind.FILES),
          key("tls.key", "", Kind.FILES),
          key("tls.key-password", "", Kind.TEXT),
          key("tls.client-ca", "", Kind.FILES),
          key("tls.handshake-timeout", "30s", Kind.duration("1s", "5m")),
          key("tls.legacy", "false", Kind.oneOf("true", "false")),
          key("tls.trust", "", Kind.FILES),
          key("users-file", "", Kind.FOLDER),
          key(
              "auth.mechanisms",
              "SCRAM-SHA-256-PLUS,SCRAM-SHA-256,OAUTHBEARER,XOAUTH2,PLAIN,LOGIN",
              Kind.TEXT),
          key("auth.failures-max", "10", Kind.number(1, 1_000_000)),
          key("auth.failure-window", "10m", Kind.duration("1s", "7d")),
          key("auth.block", "15m", Kind.duration("1s", "7d")),
          key("auth.delay", "1s", Kind.duration("0s", "1m")),
          key("oauth.jwks", "", Kind.TEXT),
          key("oauth.issuer", "", Kind.TEXT),
          key("oauth.audience", "", Kind.TEXT),
          key("oauth.user-claim", "email", Kind.TEXT),
          key("relay.networks", "loopback", Kind.NETWORKS),
          key("relay.domains", "", Kind.DOMAINS),
          key("postmaster", "", Kind.ADDRESS),
          key("rate.user-messages", "1000", Kind.number(0, 100_000_000)),
          key("rate.user-recipients", "5000", Kind.number(0, 100_000_000)),
          key("rate.address-messages", "0", Kind.number(0, 100_000_000)),
          key("rate.address-recipients", "0", Kind.number(0, 100_000_000)),
          key("rate.pause", "0s", Kind.duration("0s", "30d")),
          key("spf.fail", "reject", Kind.oneOf("reject", "quarantine", "tag", "ignore")),
          key("broker.url", "", Kind.BROKER_URL),
          key("broker.connect-timeout", "1m", Kind.duration("0s", "1h")),
          key("broker.user", "", Kind.TEXT),
          key("broker.password", "", Kind.TEXT),
          key("broker.host", "127.0.0.1", Kind.HOST),
          key("broker.port", "61616", Kind.PORT_OR_OFF),
          key("broker.tls-port", "-1", Kind.PORT_OR_OFF),
          key("broker.connections-max", "1000", Kind.number(1, 1_000_000)),
          key("broker.disk-max", "90", Kind.number(1, 100)),
          key("broker.memory-max", "64MB", Kind.bytes("1MB", "1000GB")),
          key("broker.commit-timeout", "30s", Kind.duration("1s", "1h")),
          key("jms.consumers", "4", Kind.number(1, 1000)),
          key("jms.receive-timeout", "1s", Kind.duration("10ms", "1m")),
          key("jms.batch-max", "16", Kind.number(1, 1000)),
          key("jms.keys-max", "50000", Kind.number(1, 10_000_000)),
          key("jms.key-age", "7d", Kind.duration("1s", "365d")),
          key("jms.reply-queue-max", "64MB", Kind.bytes("4MB", "1000GB")),
          key("jms.reply-queues-max", "1000", Kind.number(1, 1_000_000)),
          key("jms.application-queues-max", "100", Kind.number(0, 10_000)),
          key("jms.application-consumers", "1", Kind.number(1, 100)),
          key("jms.staged-size-max", "1GB", Kind.bytes("1MB", "1000GB")),
          key("jms.staged-files-max", "1000", Kind.number(0, 100_000)),
          key("jms.staged-age", "1d", Kind.duration("1m", "365d")),
          key("jms.put-off", "wait", Kind.oneOf("wait", "refuse")),
          key("templates-dir", "", Kind.FOLDER),
          key("template.size-max", "256KB", Kind.bytes("1KB", "50MB")),
          key("template.rendered-max", "1MB", Kind.bytes("1KB", "50MB")),
          key("fan-out.recipients-max", "100000", Kind.number(1, 10_000_000)),
          key("fan-out.head-max", "1MB", Kind.bytes("1KB", "50MB")),
          key("fan-out.batch", "100", Kind.number(1, 10_000)),
          key("fan-out.consumers", "2", Kind.number(1, 1000)),
          key("delivery.mode", "sandbox", Kind.oneOf("sandbox", "smarthost", "mx")),
          key("delivery.workers", "50", Kind.number(1, 10_000)),
          key("delivery.workers-max", "1000", Kind.number(1, 10_000)),
          key("delivery.in-flow-delay", "100ms", Kind.duration("0s", "10s")),
          key("smarthost.host", "", Kind.HOST),
          key("smarthost.port", "25", Kind.number(1, 65535)),
          key("smarthost.user", "", Kind.TEXT),
          key("smarthost.password", "", Kind.TEXT),
          key("smarthost.clear-text-passwords", "false", Kind.oneOf("true", "false")),
          key("smarthost.step-back", "30s", Kind.duration("1s", "1h")),
          key(
              "smarthost.tls",
              "opportunistic",
              Kind.oneOf("none", "opportunistic", "required", "verified", "implicit")),
          key("mx.port", "25", Kind.number(1, 65535)),
          key(
              "mx.tls",
              "opportunistic",
              Kind.oneOf("none", "opportunistic", "required", "verified", "dane", "mta-sts")),
          key("mx.dane", "true", Kind.oneOf("true", "false")),
          key("mx.mta-sts", "true", Kind.oneOf("true", "false")),
          key("mx.mta-sts-proxy", "", Kind.SERVER_OR_NONE),
          key("tls-report.from", "", Kind.ADDRESS),
          key("tls-report.interval", "5m", Kind.duration("1s", "1h")),
          key("mx.refuse-networks", "loopback,link-local,multicast,unspecified", Kind.NETWORKS),
          key("site.concurrency", "20", Kind.number(1, 100_000)),
          key("site.rate", "", Kind.TEXT),
          key("site.probe-interval", "1m", Kind.duration("1s", "1d")),
          key("site.lanes-max", "1000", Kind.number(0, 100_000)),
          key("site.lanes", "", Kind.TEXT),
          key("site.lane-idle", "1m", Kind.duration("1s", "1d")),
          key("site.messages-per-connection", "100", Kind.number(1, 1_000_000)),
          key("warm-up.pairs-max", "50000", Kind.number(1, 1_000_000)),
          key("sandbox.files-max", "10000", Kind.number(1, 10_000_000)),
          key("dns.servers", "", Kind.SERVERS),
          key("dns.timeout", "5s", Kind.duration("100ms", "1m")),
          key("dns.trust-ad", "loopback", Kind.oneOf("loopback", "true", "false")),
          key("dkim.keys-dir", "", Kind.FOLDER),
          key("retry.schedule", "1m,5m,15m,1h,4h", Kind.SCHEDULE),
          key("retry.expiry", "5d", Kind.duration("1s", "90d")),
          key("retry.warn-after", "4h", Kind.duration("0s", "90d")),
          key("retry.bounce-expiry", "2d", Kind.duration("1s", "90d")),
          key("retry.greylist", "5m", Kind.duration("0s", "1d")),
          key("retry.out-max", "1000", Kind.number(0, 100_000_000)),
          key("retry.move-max", "500", Kind.number(0, 10_000)),
          key("bounce.return-max", "50KB", Kind.bytes("0KB", "50MB")),
          key("http.host", "127.0.0.1", Kind.HOST),
          key("http.port", "8025", Kind.PORT_OR_OFF),
          key("http.message-max", "70MB", Kind.bytes("1KB", "2000MB")),
          key("http.message-timeout", "2m", Kind.duration("1s", "1h")),
          key("http.messages-at-once", "20", Kind.number(1, 1_000)),
          key("metrics.sites-max", "100", Kind.number(0, 10_000)),
          key("metrics.sources-max", "10", Kind.number(0, 1_000)),
          key("http.recent-mails", "1000", Kind.number(0, 1_000_000)),
          key("http.queue-sample", "1000", Kind.number(0, 1_000_000)),
          key("http.queue-sample-time", "1s", Kind.duration("0s", "1m")),
          key("order.chunk", "20000", Kind.number(1, 1_000_000)),
          key("order.batch", "100", Kind.number(1, 10_000)),
          key("order.patience", "2s", Kind.duration("0s", "1m")),
          key("log.format", "text", Kind.oneOf("text", "json")),
          key("log.level", "info", Kind.oneOf("debug", "info", "warn", "error")),
          key("shutdown.timeout", "30s", Kind.duration("1s", "1h")));

  private static final Map<String, Key> BY_NAME = byName();

  /** System properties that begin like keys but are none: set by the launcher and the build. */
  static final Set<String> NO_KEYS =
      Set.of("caravan.home", "caravan.data", "caravan.interop.required");

  private Keys() {}

  static Optional<Key> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Key get(String name) {
    return find(name).orElseThrow();
  }

  private static Key key(String name, String defaultValue, Kind kind) {
    return new Key("caravan." + name, defaultValue, kind);
  }

  private static Map<String, Key> byName() {
    Map<String, Key> byName = new LinkedHashMap<>();
    ALL.forEach(k -> byName.put(k.name(), k));
    return Collections.unmodifiableMap(byName);
  }

  /** The machine's name as far as it is a domain. */
  private static String hostname() {
    try {
      String name = InetAddress.getLocalHost().getHostName();
      Kind.HOSTNAME.check(name);
      return name;
    } catch (UnknownHostException | IllegalArgumentException e) {
      return "localhost";
    }
  }
}
