package dev.caravan.ops;

import dev.caravan.queue.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Which waiting mails a command means. Of several values of one option any, of several options all.
 */
final class SelectionOptions {
  @Option(
      names = "--site",
      paramLabel = "SITE",
      description = "Where it goes: a domain, or HOST:PORT of a smarthost. * stands for anything.")
  private List<String> site = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "Its sender; @DOMAIN for all of a domain, '<>' for reports.")
  private List<String> from = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "One of its recipients; @DOMAIN for all of a domain.")
  private List<String> to = new ArrayList<>();

  @Option(names = "--id", paramLabel = "ID", description = "The mail of this name.")
  private List<String> id = new ArrayList<>();

  @Option(
      names = "--older",
      paramLabel = "AGE",
      description = "Accepted longer ago than that: 30s, 15m, 4h, 2d.")
  private List<String> older = new ArrayList<>();

  @Option(
      names = "--header",
      paramLabel = "'NAME: VALUE'",
      description = "With this header field, e.g. 'Subject: invoice*'.")
  private List<String> header = new ArrayList<>();

  @Option(names = "--user", paramLabel = "NAME", description = "Of the user who had logged in.")
  private List<String> user = new ArrayList<>();

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "In this queue, e.g. mail.retry.1h or 'mail.retry.*'.")
  private List<String> queue = new ArrayList<>();

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "How it waits: queued, waiting, scheduled, held, quarantined, dead.")
  private List<String> state = new ArrayList<>();

  /** The conditions that were given, by name. */
  Map<String, List<String>> conditions(List<String> moreIds) {
    List<String> ids = new ArrayList<>(id);
    ids.addAll(moreIds);
    Map<String, List<String>> all = new LinkedHashMap<>();
    Map.of("site", site, "from", from, "to", to, "id", ids, "older", older)
        .forEach((name, values) -> put(all, name, values));
    Map.of("header", header, "user", user, "queue", queue, "state", state)
        .forEach((name, values) -> put(all, name, values));
    return all;
  }

  private static void put(Map<String, List<String>> all, String name, List<String> values) {
    if (!values.isEmpty()) {
      all.put(name, values);
    }
  }

  /**
   * The same, checked.
   *
   * @throws ParameterException with what is wrong with them
   */
  static Selection check(CommandLine command, Map<String, List<String>> conditions, boolean all) {
    try {
      return Selection.of(conditions, all);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }
}
