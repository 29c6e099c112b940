package dev.caravan.ops.bench;

import java.time.Duration;
import java.util.Optional;

/**
 * What is to be measured.
 *
 * @param mails of one round
 * @param warmUp mails before the first round
 * @param rounds at least 1
 * @param sessions clients at the same time
 * @param perConnection mails of one connection; 0 = any number
 * @param recipients of each mail
 * @param sites that mails go to in turn
 * @param rate mails a second that are offered; empty = as fast as they are answered
 * @param pipelining whether clients send the envelope at once
 * @param tls whether both ways are encrypted
 * @param sign whether mails are signed with DKIM (RSA-2048)
 * @param patience how long a round may stand still
 */
record Plan(
    int mails,
    int warmUp,
    int rounds,
    int sessions,
    int perConnection,
    int recipients,
    int sites,
    SizeMix sizes,
    Optional<Double> rate,
    boolean pipelining,
    boolean tls,
    boolean sign,
    Duration patience) {
  static final String DOMAIN = "bench.example";

  /** The recipients' domain: with several sites the address of one, which needs no DNS. */
  String domain(int number) {
    return sites == 1 ? "dest.example" : "[" + Sink.host(number % sites) + "]";
  }

  /** For people. */
  String words() {
    return "%s, %d sessions, %s%s%s%s%s%s"
        .formatted(
            sizes.text(),
            sessions,
            perConnection == 0 ? "kept connections" : perConnection + " a connection",
            recipients == 1 ? "" : ", " + recipients + " recipients",
            sites == 1 ? "" : ", " + sites + " sites",
            rate.map(r -> ", %.0f/s offered".formatted(r)).orElse(""),
            tls ? ", TLS" : "",
            sign ? ", signed" : "");
  }
}
