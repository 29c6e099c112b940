package dev.caravan.proof;

import dev.caravan.proof.Injury.Done;
import dev.caravan.proof.Ledger.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an injury led to.
 *
 * @param lost accepted, and neither delivered nor bounced
 * @param wrong arrived in another form, or although its sender was refused or never ended it
 * @param backSeconds the longest until service again
 * @param faults why it is not as it must be; empty = it is
 */
record Row(
    String name,
    String what,
    int accepted,
    int refused,
    int inDoubt,
    int delivered,
    int bounced,
    int doubles,
    int allowed,
    int lost,
    int wrong,
    double backSeconds,
    List<String> faults) {
  private static final double BACK_SECONDS_MAX = 30;
  private static final String FORM = "%-34s %8s %7s %8s %9s %7s %7s %7s %5s %5s %6s  %s%n";

  static Row of(Injury injury, Done done, Ledger ledger, String trouble) {
    List<String> faults = new ArrayList<>();
    int lost = ledger.missing();
    int doubles = ledger.doubles();
    if (!trouble.isEmpty()) {
      faults.add(trouble);
    }
    if (injury.losesMail() == (lost == 0)) {
      faults.add(
          lost == 0 ? "the loss was not noticed" : lost + " lost, such as " + ledger.missingIds());
    }
    if (doubles > done.allowed()) {
      faults.add(doubles + " doubles, " + done.allowed() + " allowed");
    }
    if (ledger.wrong() > 0) {
      faults.add(ledger.wrong() + " arrived that are damaged, or that nobody had accepted");
    }
    if (done.slowest() > BACK_SECONDS_MAX) {
      faults.add("service was back after " + done.slowest() + " s");
    }
    return new Row(
        injury.name(),
        done.what(),
        ledger.count(Fate.ACCEPTED),
        ledger.count(Fate.REFUSED) + ledger.count(Fate.DEFERRED),
        ledger.count(Fate.IN_DOUBT),
        ledger.delivered(),
        ledger.bounced(),
        doubles,
        done.allowed(),
        lost,
        ledger.wrong(),
        done.slowest(),
        faults);
  }

  static String head() {
    return FORM.formatted(
        "injury",
        "accepted",
        "refused",
        "in doubt",
        "delivered",
        "bounced",
        "doubles",
        "allowed",
        "lost",
        "wrong",
        "back",
        "done");
  }

  String line() {
    return FORM.formatted(
        name,
        accepted,
        refused,
        inDoubt,
        delivered,
        bounced,
        doubles,
        allowed == Integer.MAX_VALUE ? "any" : allowed,
        lost,
        wrong,
        String.format(Locale.ROOT, "%.1f s", backSeconds),
        what + (faults.isEmpty() ? "" : " FAILED: " + String.join("; ", faults)));
  }

  static String skipped(String name, String why) {
    return "%-34s skipped: %s%n".formatted(name, why);
  }
}
