package dev.caravan.camel.check;

import dev.caravan.settings.Problem;
import java.util.List;

/**
 * A well-formed routes file.
 *
 * @param name as it is shown
 * @param lines its text
 */
record RouteFile(String name, List<String> lines, Element root) {
  RouteFile {
    lines = List.copyOf(lines);
  }

  Problem problem(int line, String sentence) {
    return new Problem(name, line, sentence);
  }

  Problem problem(Element at, String sentence) {
    return problem(at.line(), sentence);
  }
}
