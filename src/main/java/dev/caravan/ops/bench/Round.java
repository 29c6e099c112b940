package dev.caravan.ops.bench;

import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What was measured in one round.
 *
 * @param acceptedRate mails a second, from the first that is sent until the last is accepted
 * @param deliveredRate mails a second, from the first that is sent until the last has come
 * @param cpuMillis of the gateway, for each mail; 0 when it is not ours
 * @param p50 of the milliseconds from a mail's final dot until it has come at the sink
 * @param residentMegabytes of the gateway at the end of the round
 * @param doubles mails that came once more
 * @param from when it began and ended
 */
record Round(
    double acceptedRate,
    double deliveredRate,
    double cpuMillis,
    double p50,
    double p95,
    double p99,
    double max,
    long residentMegabytes,
    int doubles,
    Instant from,
    Instant to) {

  static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static double least(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return rounds.stream().mapToDouble(figure).min().orElse(0);
  }

  static double most(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return rounds.stream().mapToDouble(figure).max().orElse(0);
  }

  String line(int number) {
    return "round %d: accepted %.0f/s, delivered %.0f/s, %.2f CPU-ms a mail; final dot to sink: median %.1f ms, p95 %.1f, p99 %.1f, most %.0f; RSS %d MB%s"
        .formatted(
            number,
            acceptedRate,
            deliveredRate,
            cpuMillis,
            p50,
            p95,
            p99,
            max,
            residentMegabytes,
            doubles == 0 ? "" : "; " + doubles + " doubles");
  }
}
