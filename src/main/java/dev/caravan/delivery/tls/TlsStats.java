package dev.caravan.delivery.tls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mail.Domain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How connections of one day began, by domain and policy, and its JSON (RFC 8460, 4.4: the member
 * {@code policies}). Thread-safe. What is beyond its bounds is counted, but not told in detail.
 */
final class TlsStats {
  private static final int POLICIES_MAX = 20_000;
  private static final int DETAILS_MAX = 100;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Found, Counts> counts = new LinkedHashMap<>();

  private static final class Counts {
    long good;
    long bad;
    final Map<Detail, Long> details = new LinkedHashMap<>();
  }

  /**
   * One kind of failure.
   *
   * @param from our address, to the server's; both may be empty
   */
  record Detail(TlsResult result, String from, String host, String to, String reason) {}

  synchronized void good(Found found) {
    Counts c = of(found);
    if (c != null) {
      c.good++;
    }
  }

  synchronized void bad(Found found, Detail detail) {
    Counts c = of(found);
    if (c != null) {
      c.bad++;
      if (c.details.size() < DETAILS_MAX || c.details.containsKey(detail)) {
        c.details.merge(detail, 1L, Long::sum);
      }
    }
  }

  private @Nullable Counts of(Found found) {
    Counts known = counts.get(found);
    if (known == null && counts.size() < POLICIES_MAX) {
      known = new Counts();
      counts.put(found, known);
    }
    return known;
  }

  synchronized boolean isEmpty() {
    return counts.isEmpty();
  }

  synchronized List<Domain> domains() {
    TreeSet<Domain> domains = new TreeSet<>();
    counts.keySet().forEach(f -> domains.add(f.domain()));
    return List.copyOf(domains);
  }

  /** Of one domain. */
  synchronized ArrayNode policies(Domain domain) {
    ArrayNode all = JSON.createArrayNode();
    counts.forEach(
        (found, c) -> {
          if (found.domain().equals(domain)) {
            all.add(json(found, c));
          }
        });
    return all;
  }

  /** Of all domains; {@link #read} reads it. */
  synchronized ArrayNode policies() {
    ArrayNode all = JSON.createArrayNode();
    counts.forEach((found, c) -> all.add(json(found, c)));
    return all;
  }

  private static ObjectNode json(Found found, Counts c) {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode policy = json.putObject("policy");
    policy.put("policy-type", found.type().toString());
    found.text().forEach(policy.putArray("policy-string")::add);
    policy.put("policy-domain", found.domain().name());
    if (!found.mxPatterns().isEmpty()) {
      found.mxPatterns().forEach(policy.putArray("mx-host")::add);
    }
    ObjectNode summary = json.putObject("summary");
    summary.put("total-successful-session-count", c.good);
    summary.put("total-failure-session-count", c.bad);
    if (!c.details.isEmpty()) {
      ArrayNode details = json.putArray("failure-details");
      c.details.forEach(
          (d, n) -> {
            ObjectNode detail = details.addObject();
            detail.put("result-type", d.result().toString());
            put(detail, "sending-mta-ip", d.from());
            put(detail, "receiving-mx-hostname", d.host());
            put(detail, "receiving-ip", d.to());
            detail.put("failed-session-count", n);
            put(detail, "failure-reason-code", d.reason());
          });
    }
    return json;
  }

  private static void put(ObjectNode json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }

  /**
   * Reads what {@link #policies()} wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static TlsStats read(JsonNode policies) {
    TlsStats stats = new TlsStats();
    for (JsonNode p : policies) {
      JsonNode policy = p.path("policy");
      Found found =
          new Found(
              type(policy.path("policy-type").asText()),
              new Domain(policy.path("policy-domain").asText()),
              texts(policy.path("policy-string")),
              texts(policy.path("mx-host")));
      Counts c = new Counts();
      c.good = p.path("summary").path("total-successful-session-count").asLong();
      c.bad = p.path("summary").path("total-failure-session-count").asLong();
      for (JsonNode d : p.path("failure-details")) {
        c.details.put(
            new Detail(
                result(d.path("result-type").asText()),
                d.path("sending-mta-ip").asText(),
                d.path("receiving-mx-hostname").asText(),
                d.path("receiving-ip").asText(),
                d.path("failure-reason-code").asText()),
            d.path("failed-session-count").asLong());
      }
      stats.counts.put(found, c);
    }
    return stats;
  }

  private static Found.Type type(String text) {
    for (Found.Type type : Found.Type.values()) {
      if (type.toString().equals(text)) {
        return type;
      }
    }
    throw new IllegalArgumentException("no policy type: " + text);
  }

  private static TlsResult result(String text) {
    for (TlsResult result : TlsResult.values()) {
      if (result.toString().equals(text)) {
        return result;
      }
    }
    throw new IllegalArgumentException("no result type: " + text);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(n -> texts.add(n.asText()));
    return texts;
  }
}
