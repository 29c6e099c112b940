package dev.caravan.camel.check;

import dev.caravan.settings.Problem;
import dev.caravan.settings.Spelling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Checks the routes folder as a whole, because files refer to each other. Use once. */
public final class RoutesCheck {
  private static final int MAX_FILES = 1000;
  private static final long MAX_OCTETS = 4 * 1024 * 1024;
  private static final Set<String> SENDING = Set.of("to", "toD", "wireTap");

  private final Path home;
  private final Placeholders keys;
  private final Beans beans;
  private final BeanValues values = new BeanValues();
  private final Endpoints endpoints = new Endpoints(new ComponentCatalog());
  private final Expressions expressions = new Expressions();
  private final List<Problem> problems = new ArrayList<>();

  /** Where each id was first seen. */
  private final Map<String, String> ids = new TreeMap<>();

  private final Set<String> directs = new TreeSet<>();
  private final Set<String> configurations = new TreeSet<>();

  /**
   * @param home what the names of files are shown relative to
   * @param placeholders every key with its value
   * @param provided the beans that the gateway adds to those of the files, with their classes
   */
  public RoutesCheck(Path home, Map<String, String> placeholders, Map<String, Class<?>> provided) {
    this.home = home;
    this.keys = new Placeholders(placeholders);
    this.beans = new Beans(provided);
  }

  /** Everything that is wrong, in order of file and line. */
  public List<Problem> problems(Path dir) {
    List<RouteFile> files = read(dir);
    for (RouteFile file : files) {
      problems.addAll(Structure.problems(file));
      declarations(file);
    }
    values.finish(keys, problems::add);
    for (RouteFile file : files) {
      file.root().children().forEach(part -> part(file, part));
    }
    expressions.finish(problems::add);
    return problems.stream().sorted().distinct().toList();
  }

  private List<RouteFile> read(Path dir) {
    List<RouteFile> files = new ArrayList<>();
    if (!Files.isDirectory(dir)) {
      problems.add(new Problem(shown(dir), 1, "there is no such folder (caravan.routes-dir)"));
      return files;
    }
    try (Stream<Path> list = Files.list(dir)) {
      for (Path path :
          list.filter(p -> p.toString().endsWith(".xml")).sorted().limit(MAX_FILES).toList()) {
        read(path, files);
      }
    } catch (IOException e) {
      problems.add(new Problem(shown(dir), 1, "the folder can't be read: " + e.getMessage()));
    }
    if (files.isEmpty() && problems.isEmpty()) {
      problems.add(new Problem(shown(dir), 1, "there are no routes: no file *.xml"));
    }
    return files;
  }

  private void read(Path path, List<RouteFile> files) {
    try {
      if (Files.size(path) > MAX_OCTETS) {
        problems.add(new Problem(shown(path), 1, "the file is longer than 4 MB"));
        return;
      }
      String text = Files.readString(path, StandardCharsets.UTF_8);
      files.add(new RouteFile(shown(path), text.lines().toList(), XmlReader.read(text)));
    } catch (XmlReader.Malformed e) {
      problems.add(new Problem(shown(path), e.line(), "not well-formed: " + e.getMessage()));
    } catch (IOException e) {
      problems.add(
          new Problem(shown(path), 1, "the file can't be read as UTF-8: " + e.getMessage()));
    }
  }

  private String shown(Path path) {
    return path.startsWith(home) ? home.relativize(path).toString() : path.toString();
  }

  /** What other files may refer to. */
  private void declarations(RouteFile file) {
    for (Element part : file.root().children()) {
      switch (part.name()) {
        case "bean" -> {
          beans.declare(file, part, keys, problems::add);
          values.declare(file, part, keys, problems::add);
        }
        case "routeConfiguration" -> configurations.add(part.attribute("id"));
        default ->
            part.tree()
                .filter(e -> e.name().equals("from"))
                .map(e -> keys.resolve(e.attribute("uri")))
                .filter(uri -> uri.startsWith("direct:"))
                .forEach(uri -> directs.add(target(uri)));
      }
      part.tree().filter(e -> e.has("id")).forEach(e -> id(file, e));
    }
  }

  private void id(RouteFile file, Element element) {
    String id = element.attribute("id");
    String earlier = ids.putIfAbsent(id, file.name() + ":" + element.line());
    if (earlier != null) {
      problems.add(file.problem(element, "the id " + id + " is already used in " + earlier));
    } else if (id.isBlank()) {
      problems.add(file.problem(element, "an id is empty"));
    }
  }

  private void part(RouteFile file, Element part) {
    Placeholders known = part.name().equals("routeTemplate") ? keys.within(part) : keys;
    element(file, part, "", part.attribute("id"), known, part.name().equals("bean"));
  }

  private void element(
      RouteFile file,
      Element e,
      String parent,
      String route,
      Placeholders known,
      boolean declared) {
    known.check(file, e, problems::add);
    switch (e.name()) {
      case "simple" -> simple(file, e, parent, route, known);
      case "log" -> message(file, e, route, known);
      case "bean" -> {
        if (!declared) {
          beans.step(file, e, known, problems::add);
          values.step(file, e, known, problems::add);
        }
      }
      case "method" -> {
        if (e.has("ref")) {
          beans.step(file, e, known, problems::add);
        }
      }
      case "route" -> configuration(file, e, known);
      case "exception" -> exception(file, e, known);
      default -> {
        // nothing to say about it alone
      }
    }
    if (declared) {
      e.attributes().values().forEach(v -> references(file, e, known.resolve(v)));
    }
    if (e.name().equals("from") || SENDING.contains(e.name())) {
      endpoint(file, e, known);
    }
    for (Element child : e.children()) {
      element(file, child, e.name(), route, known, declared);
    }
  }

  private void references(RouteFile file, Element e, String value) {
    if (value.startsWith("#")) {
      beans.references(file, e, value, problems::add);
    }
  }

  private void simple(RouteFile file, Element e, String parent, String route, Placeholders known) {
    String text = known.resolve(e.has("expression") ? e.attribute("expression") : e.text());
    expressions.check(file, e, parent, text, problems::add);
    expressions.body(file, e, route, text, problems::add);
  }

  private void message(RouteFile file, Element e, String route, Placeholders known) {
    String text = known.resolve(e.attribute("message"));
    if (!text.isEmpty()) {
      expressions.check(file, e, "log", text, problems::add);
      expressions.body(file, e, route, text, problems::add);
    }
  }

  private void configuration(RouteFile file, Element e, Placeholders known) {
    for (String id : known.resolve(e.attribute("routeConfigurationId")).split(",")) {
      if (!id.isBlank() && !id.endsWith("*") && !configurations.contains(id.strip())) {
        problems.add(
            file.problem(
                e,
                "there is no routeConfiguration "
                    + id.strip()
                    + Spelling.didYouMean(id, configurations)));
      }
    }
  }

  private void exception(RouteFile file, Element e, Placeholders known) {
    String name = known.resolve(e.text());
    try {
      Class.forName(name, false, RoutesCheck.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError missing) {
      problems.add(file.problem(e, "there is no exception " + name));
    }
  }

  private void endpoint(RouteFile file, Element e, Placeholders known) {
    String uri = known.resolve(e.attribute("uri")).strip();
    if (uri.isEmpty()) {
      problems.add(file.problem(e, "<" + e.name() + "> needs a uri"));
      return;
    }
    if (uri.contains("{{")) {
      return;
    }
    boolean consumer = e.name().equals("from");
    if (!consumer
        && uri.startsWith("direct:")
        && !uri.contains("${")
        && !uri.contains("failIfNoConsumers=false")
        && !directs.contains(target(uri))) {
      problems.add(
          file.problem(
              e,
              "no route begins with " + target(uri) + Spelling.didYouMean(target(uri), directs)));
    }
    endpoints.check(file, e, uri, consumer, problems::add);
    int question = uri.indexOf('?');
    if (question >= 0) {
      for (String option : uri.substring(question + 1).split("&")) {
        references(file, e, option.substring(option.indexOf('=') + 1));
      }
    }
  }

  private static String target(String uri) {
    return uri.replaceFirst("\\?.*", "").replaceFirst("^direct:(//)?", "direct:");
  }
}
