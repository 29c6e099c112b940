package dev.caravan.camel.check;

import dev.caravan.settings.Problem;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.xml.in.ModelParser;
import org.apache.camel.xml.io.XmlPullParserException;
import org.apache.camel.xml.io.XmlPullParserLocationException;

/**
 * Camel's own parser says whether elements and attributes are known. It stops at the first that is
 * not, so the part with the problem is blanked and the rest is read again: one problem for each
 * route, bean and so on.
 */
final class Structure {
  private static final Set<String> NEEDS_STEPS =
      Set.of("route", "filter", "when", "otherwise", "split", "loop", "multicast", "doTry");

  /** Children of a block that are no steps of it. */
  private static final Set<String> NO_STEPS =
      Set.of(
          "from",
          "description",
          "simple",
          "constant",
          "xpath",
          "method",
          "header",
          "ref",
          "language",
          "exchangeProperty",
          "variable",
          "tokenize",
          "jsonpath",
          "groovy",
          "csimple",
          "errorHandler",
          "onException",
          "onCompletion",
          "intercept",
          "expression");

  private Structure() {}

  static List<Problem> problems(RouteFile file) {
    List<Problem> problems = new ArrayList<>();
    if (!Set.of("camel", "beans").contains(file.root().name())) {
      return List.of(
          file.problem(
              file.root(), "a routes file is a <camel>, not a <" + file.root().name() + ">"));
    }
    unknownParts(file, problems);
    file.root()
        .tree()
        .filter(e -> NEEDS_STEPS.contains(e.name()))
        .forEach(e -> empty(file, e, problems));
    file.root()
        .children("route")
        .filter(r -> r.children("from").findAny().isEmpty())
        .forEach(r -> problems.add(file.problem(r, "a route begins with a <from>")));
    return problems;
  }

  private static void empty(RouteFile file, Element block, List<Problem> problems) {
    if (block.children().stream().allMatch(c -> NO_STEPS.contains(c.name()))) {
      problems.add(file.problem(block, "<" + block.name() + "> has no steps"));
    }
  }

  private static void unknownParts(RouteFile file, List<Problem> problems) {
    List<String> lines = new ArrayList<>(file.lines());
    for (int i = 0; i <= file.root().children().size(); i++) {
      Problem problem;
      try {
        new ModelParser(new StringReader(String.join("\n", lines)), file.root().attribute("xmlns"))
            .parseBeansDefinition();
        return;
      } catch (XmlPullParserLocationException e) {
        problem = file.problem(e.getLineNumber(), sentence(e));
      } catch (XmlPullParserException e) {
        problem = file.problem(e.getLineNumber(), sentence(e));
      } catch (IOException | RuntimeException e) {
        problem = file.problem(0, "Camel can't read it: " + sentence(e));
      }
      problems.add(problem);
      Optional<Element> part = partAt(file, problem.line());
      if (part.isEmpty()) {
        return;
      }
      for (int l = part.get().line(); l <= part.get().lastLine(); l++) {
        lines.set(l - 1, "");
      }
    }
  }

  private static Optional<Element> partAt(RouteFile file, int line) {
    return file.root().children().stream()
        .filter(c -> c.line() <= line && line <= c.lastLine())
        .findFirst();
  }

  private static String sentence(Exception e) {
    return XmlReader.reason(e).replaceAll("\\{[^}]*}", "");
  }
}
