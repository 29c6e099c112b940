package dev.caravan.camel.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;

/**
 * What was asked for: the parts of the path behind {@code /api}, and the query. Kept apart from the
 * message's headers, in which the client's own would be mixed.
 */
record ApiRequest(List<String> path, Map<String, List<String>> query) {
  private static final String PROPERTY = "CaravanApiRequest";
  private static final int PARAMETERS_MAX = 2_000;

  ApiRequest {
    path = List.copyOf(path);
    query = Map.copyOf(query);
  }

  /** Remembers it with the exchange, before its headers go. */
  static void keep(Exchange exchange) {
    exchange.setProperty(
        PROPERTY, exchange.getMessage().getHeader(Exchange.HTTP_URI, "", String.class));
  }

  /**
   * @throws IllegalArgumentException when it can't be read
   */
  static ApiRequest of(Exchange exchange) {
    String uri = exchange.getProperty(PROPERTY, "", String.class);
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    Map<String, List<String>> query = new LinkedHashMap<>();
    if (mark >= 0) {
      String[] pairs = uri.substring(mark + 1).split("&", -1);
      if (pairs.length > PARAMETERS_MAX) {
        throw new IllegalArgumentException("more than " + PARAMETERS_MAX + " parameters");
      }
      for (String pair : pairs) {
        if (!pair.isEmpty()) {
          int equal = pair.indexOf('=');
          query
              .computeIfAbsent(
                  decoded(equal < 0 ? pair : pair.substring(0, equal)), n -> new ArrayList<>())
              .add(equal < 0 ? "" : decoded(pair.substring(equal + 1)));
        }
      }
    }
    List<String> parts =
        Arrays.stream(path.split("/", -1)).filter(p -> !p.isEmpty()).skip(1).toList();
    return new ApiRequest(
        parts.stream().map(part -> decoded(part.replace("+", "%2B"))).toList(), query);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** A part of the path; empty when it has no such. */
  String part(int index) {
    return index < path.size() ? path.get(index) : "";
  }

  /**
   * The one value of a parameter.
   *
   * @throws IllegalArgumentException when there are several
   */
  String one(String name, String absent) {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new IllegalArgumentException("'" + name + "' is given once only");
    }
    return values.isEmpty() ? absent : values.getFirst();
  }
}
