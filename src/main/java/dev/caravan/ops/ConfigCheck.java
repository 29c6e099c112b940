package dev.caravan.ops;

import dev.caravan.camel.check.Provided;
import dev.caravan.camel.check.RoutesCheck;
import dev.caravan.camel.template.Templates;
import dev.caravan.settings.Problem;
import dev.caravan.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/** What can be known to be wrong before anything is started. */
final class ConfigCheck {
  private ConfigCheck() {}

  /** The problems of routes and of what the settings point to, in order of file and line. */
  static List<Problem> problems(Settings settings) {
    return problems(settings, rules(settings));
  }

  /**
   * The same before a start, which need not check the rules that the program was built with, nor
   * those that the last start found right.
   */
  static List<Problem> problemsBeforeStart(Settings settings) {
    if (BuiltRules.areIn(settings.routesDir())) {
      return problems(settings, List.of());
    }
    RulesStamp stamp = RulesStamp.of(settings);
    if (stamp.isRemembered()) {
      return problems(settings, List.of());
    }
    List<Problem> rules = rules(settings);
    if (rules.isEmpty()) {
      stamp.remember();
    }
    return problems(settings, rules);
  }

  private static List<Problem> rules(Settings settings) {
    return new RoutesCheck(settings.home(), settings.placeholders(), Provided.BEANS)
        .problems(settings.routesDir());
  }

  private static List<Problem> problems(Settings settings, List<Problem> rules) {
    List<Problem> problems = new ArrayList<>(rules);
    problems.addAll(
        Templates.problems(
            settings.path("caravan.templates-dir"), settings.bytes("caravan.template.size-max")));
    return problems.stream().sorted().distinct().toList();
  }
}
