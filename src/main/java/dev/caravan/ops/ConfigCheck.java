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
    List<Problem> problems = new ArrayList<>();
    problems.addAll(
        new RoutesCheck(settings.home(), settings.placeholders(), Provided.BEANS)
            .problems(settings.routesDir()));
    problems.addAll(
        Templates.problems(
            settings.path("caravan.templates-dir"), settings.bytes("caravan.template.size-max")));
    return problems.stream().sorted().distinct().toList();
  }
}
