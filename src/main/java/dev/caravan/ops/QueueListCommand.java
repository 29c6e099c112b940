package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan queue list}. */
@Command(
    name = "list",
    sortOptions = false,
    description = {
      "Shows how many mails wait, by queue and site, and the age of the oldest.",
      "With a selection it shows the mails, and why each is waiting."
    },
    footer = {
      "",
      "Examples:",
      "  caravan queue list                              how much waits, and where",
      "  caravan queue list --to @example.com            the mails for a domain",
      "  caravan queue list --state held                 what waits for you",
      "  caravan queue list --older 4h --header 'Subject: invoice*' --json",
    })
final class QueueListCommand implements Callable<Integer> {
  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 1_000_000;

  /** Rows that are aligned with each other. */
  private static final int BLOCK = 500;

  @Parameters(arity = "0..*", paramLabel = "ID", description = "Mails.")
  private List<String> ids = new ArrayList<>();

  @Mixin private SelectionOptions selection = new SelectionOptions();

  @Option(names = "--all", description = "All mails.")
  private boolean all;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "" + LIMIT,
      description = "No more than so many mails. Default: ${DEFAULT-VALUE}.")
  private int limit = LIMIT;

  @Option(names = "--json", description = "Prints a JSON list instead of a table.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Map<String, List<String>> conditions = selection.conditions(ids);
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new ParameterException(spec.commandLine(), "--limit is 1 to " + LIMIT_MAX);
    }
    boolean mails = !SelectionOptions.check(spec.commandLine(), conditions, all).isNothing();
    AdminClient client = AdminClient.of(common.settings());
    PrintWriter out = spec.commandLine().getOut();
    int status = mails ? mails(client, conditions, out) : summary(client, out);
    out.flush();
    return status;
  }

  private int summary(AdminClient client, PrintWriter out) throws Exception {
    List<QueueSummary> queues = client.queues();
    if (json) {
      out.println(new JsonMapper().writeValueAsString(queues));
    } else {
      Table table = new Table("QUEUE", "SITE", ">MAILS", ">OLDEST");
      queues.stream()
          .sorted(Comparator.comparing(QueueSummary::queue).thenComparing(QueueSummary::site))
          .forEach(
              q ->
                  table.row(
                      q.queue(),
                      q.site(),
                      Long.toString(q.count()),
                      q.count() == 0 || q.site().isEmpty() ? "-" : Table.age(q.oldestSeconds())));
      out.print(table);
      samples(queues).forEach(out::println);
    }
    return 0;
  }

  /** What the table does not say of queues that were not looked at as a whole. */
  private static List<String> samples(List<QueueSummary> queues) {
    return queues.stream()
        .filter(q -> q.site().isEmpty() && q.count() > 0)
        .map(
            q ->
                q.queue()
                    + ": "
                    + (q.sample() == 0
                        ? "none of its mails was looked at for its site"
                        : "the sites are those of the first "
                            + q.sample()
                            + " mails; "
                            + q.count()
                            + " more were not looked at"))
        .toList();
  }

  private int mails(AdminClient client, Map<String, List<String>> conditions, PrintWriter out)
      throws Exception {
    Printed printed = new Printed(out);
    JsonNode tail = client.mails(conditions, limit, printed::add);
    printed.end();
    if (tail.has("error")) {
      throw new Failure("the list is not complete: " + tail.path("error").asText());
    }
    PrintWriter err = spec.commandLine().getErr();
    if (printed.count == 0 && !json) {
      err.println("no mail");
    } else if (tail.has("next")) {
      err.println("there are more: --limit shows up to " + LIMIT_MAX);
    }
    err.flush();
    return printed.count == 0 ? Commands.NO : 0;
  }

  private final class Printed {
    private final PrintWriter out;
    private final Instant now = Instant.now();
    private Table block = heading();
    private long count;

    Printed(PrintWriter out) {
      this.out = out;
    }

    private static Table heading() {
      return new Table("ID", ">AGE", ">SIZE", "FROM", "TO", "SITE", ">ATTEMPTS", ">NEXT", "WHY");
    }

    void add(JsonNode mail) {
      if (json) {
        out.print(count == 0 ? "[" : ",\n ");
        out.print(mail);
      } else {
        block.row(
            text(mail, "id"),
            Table.age(seconds(mail.path("queuedAt").asText(), now, true)),
            text(mail, "size"),
            "<" + mail.path("from").asText() + ">",
            recipients(mail.path("to")),
            text(mail, "site"),
            text(mail, "attempts"),
            Table.age(seconds(mail.path("nextAttempt").asText(), now, false)),
            text(mail, "why"));
        if (count % BLOCK == BLOCK - 1) {
          out.print(block);
          block = heading();
        }
      }
      count++;
    }

    void end() {
      if (json) {
        out.println(count == 0 ? "[]" : "]");
      } else if (count % BLOCK != 0) {
        out.print(block);
      }
    }
  }

  private static String text(JsonNode mail, String name) {
    String text = mail.path(name).asText();
    return text.isEmpty() ? "-" : text;
  }

  private static String recipients(JsonNode to) {
    return to.isEmpty()
        ? "-"
        : "<" + to.get(0).asText() + ">" + (to.size() > 1 ? " +" + (to.size() - 1) : "");
  }

  /** Since this time, or until then; negative when there is none, or it is over. */
  static long seconds(String time, Instant now, boolean since) {
    try {
      Instant at = Instant.parse(time);
      return (since ? Duration.between(at, now) : Duration.between(now, at)).toSeconds();
    } catch (DateTimeParseException e) {
      return -1;
    }
  }
}
