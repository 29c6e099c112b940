package dev.caravan.mail;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a check found out, as it appears in Authentication-Results (RFC 8601, 2.2).
 *
 * @param method {@code spf}, {@code dkim}, {@code dmarc}, {@code x-filter} …
 * @param result {@code pass}, {@code fail}, {@code none} …
 * @param reason for people; may be empty
 * @param properties {@code ptype.property} to value, e.g. {@code smtp.mailfrom}, in order
 */
public record Finding(String method, String result, String reason, Map<String, String> properties) {
  public Finding {
    properties = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }
}
