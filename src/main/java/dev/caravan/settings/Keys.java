package dev.caravan.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every key there is. */
final class Keys {
  static final List<Key> ALL =
      List.of(
          key("hostname", hostname(), Kind.HOSTNAME),
          key("data-dir", "data", Kind.TEXT),
          key("routes-dir", "routes", Kind.TEXT),
          key("config-dir", "config", Kind.TEXT),
          key("smtp.host", "127.0.0.1", Kind.TEXT),
          key("smtp.port", "2525", Kind.PORT),
          key("smtp.message-size-max", "50MB", Kind.BYTES),
          key("smtp.recipients-max", "1000", Kind.number(1, 1_000_000)),
          key("smtp.errors-max", "10", Kind.number(1, 10_000)),
          key("smtp.line-max", "64KB", Kind.BYTES),
          key("smtp.hops-max", "50", Kind.number(1, 1000)),
          key("smtp.spool-threshold", "256KB", Kind.BYTES),
          key("smtp.command-timeout", "5m", Kind.DURATION),
          key("smtp.data-timeout", "10m", Kind.DURATION),
          key("smtp.data-rate-min", "1KB", Kind.BYTES),
          key("smtp.connections-max", "10000", Kind.number(1, 1_000_000)),
          key("smtp.connections-per-address-max", "50", Kind.number(1, 1_000_000)),
          key("relay.networks", "loopback", Kind.NETWORKS),
          key("relay.domains", "", Kind.DOMAINS),
          key("spf.fail", "reject", Kind.oneOf("reject", "quarantine", "tag", "ignore")),
          key("broker.url", "", Kind.TEXT),
          key("broker.user", "", Kind.TEXT),
          key("broker.password", "", Kind.TEXT),
          key("broker.host", "127.0.0.1", Kind.TEXT),
          key("broker.port", "61616", Kind.PORT_OR_OFF),
          key("broker.disk-max", "90", Kind.number(1, 100)),
          key("broker.memory-max", "64MB", Kind.BYTES),
          key("broker.commit-timeout", "30s", Kind.DURATION),
          key("jms.consumers", "4", Kind.number(1, 1000)),
          key("delivery.mode", "sandbox", Kind.oneOf("sandbox", "smarthost", "mx")),
          key("delivery.workers", "50", Kind.number(1, 10_000)),
          key("smarthost.host", "", Kind.TEXT),
          key("smarthost.port", "25", Kind.PORT),
          key("smarthost.user", "", Kind.TEXT),
          key("smarthost.password", "", Kind.TEXT),
          key(
              "smarthost.tls",
              "opportunistic",
              Kind.oneOf("none", "opportunistic", "required", "verified", "implicit")),
          key("mx.port", "25", Kind.PORT),
          key("mx.refuse-networks", "loopback,link-local,multicast,unspecified", Kind.NETWORKS),
          key("site.concurrency", "20", Kind.number(1, 100_000)),
          key("site.messages-per-connection", "100", Kind.number(1, 1_000_000)),
          key("dns.servers", "", Kind.SERVERS),
          key("dns.timeout", "5s", Kind.DURATION),
          key("dkim.keys-dir", "", Kind.TEXT),
          key("retry.schedule", "1m,5m,15m,1h,4h", v -> Kind.list(v).forEach(Kind.DURATION::check)),
          key("retry.expiry", "5d", Kind.DURATION),
          key("retry.warn-after", "4h", Kind.DURATION),
          key("sandbox.files-max", "10000", Kind.number(1, 10_000_000)),
          key("http.host", "127.0.0.1", Kind.TEXT),
          key("http.port", "8025", Kind.PORT_OR_OFF),
          key("shutdown.timeout", "30s", Kind.DURATION));

  static final Map<String, Key> BY_NAME = byName();

  private Keys() {}

  private static Key key(String name, String defaultValue, Kind kind) {
    return new Key("caravan." + name, defaultValue, kind);
  }

  private static Map<String, Key> byName() {
    Map<String, Key> byName = new LinkedHashMap<>();
    ALL.forEach(k -> byName.put(k.name(), k));
    return byName;
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
