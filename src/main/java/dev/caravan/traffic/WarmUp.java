package dev.caravan.traffic;

import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a new source address may send to a site, day by day: providers distrust an address that
 * they have never seen and that sends much at once.
 *
 * @param start the first day
 * @param steps in the order of their days, at least one
 */
public record WarmUp(LocalDate start, List<Step> steps) {
  private static final Pattern FORM = Pattern.compile("\\s*(\\d{1,4})\\s*:\\s*([^:]+?)\\s*");
  private static final int STEPS_MAX = 400;

  /**
   * From this day on.
   *
   * @param day the first is 1
   * @param rates empty = as much as the site's other limits allow
   */
  public record Step(int day, List<Rate> rates) {
    public Step {
      rates = List.copyOf(rates);
    }
  }

  public WarmUp {
    steps = List.copyOf(steps);
    if (steps.isEmpty() || steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("a warm-up has 1 to " + STEPS_MAX + " steps");
    }
    for (int i = 1; i < steps.size(); i++) {
      if (steps.get(i).day() <= steps.get(i - 1).day()) {
        throw new IllegalArgumentException(
            "day " + steps.get(i).day() + " comes after day " + steps.get(i - 1).day());
      }
    }
    if (steps.getFirst().day() != 1) {
      throw new IllegalArgumentException("a warm-up begins with day 1");
    }
  }

  /**
   * Reads steps such as {@code 1: 50/d, 3: 200/d 20/h, 7: 5000/d, 30: free}; of a step's rates all
   * hold.
   *
   * @throws IllegalArgumentException when they are none
   */
  public static WarmUp parse(String start, String steps) {
    List<Step> all = new ArrayList<>();
    for (String text : steps.split(",", -1)) {
      Matcher m = FORM.matcher(text);
      if (!m.matches()) {
        throw new IllegalArgumentException(
            "'" + text.strip() + "' is no step; write 1: 50/d, 3: 200/d 20/h, 30: free");
      }
      String rates = m.group(2).equals("free") ? "" : m.group(2).replaceAll("\\s+", ",");
      all.add(new Step(Integer.parseInt(m.group(1)), Rate.parse(rates)));
    }
    return new WarmUp(LocalDate.parse(start.strip()), all);
  }

  /**
   * What holds on a day; before the first day nothing may be sent.
   *
   * @return empty = nothing; an empty list = no limit
   */
  public Optional<List<Rate>> on(LocalDate day) {
    long number = ChronoUnit.DAYS.between(start, day) + 1;
    return steps.stream().filter(step -> step.day() <= number).map(Step::rates).reduce((a, b) -> b);
  }

  /** Mails that the whole of a day allows by its tightest rate; empty = as many as one likes. */
  public Optional<Long> mailsOn(LocalDate day) {
    Optional<List<Rate>> rates = on(day);
    if (rates.isEmpty()) {
      return Optional.of(0L);
    }
    return rates.get().stream()
        .map(rate -> Duration.ofDays(1).toNanos() / rate.intervalNanos())
        .min(Long::compare);
  }
}
