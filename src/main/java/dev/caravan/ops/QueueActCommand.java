package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.queue.Order;
import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that act on waiting mail share. */
abstract class QueueActCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "ID", description = "Mails, by name.")
  private List<String> ids = new ArrayList<>();

  @Mixin private SelectionOptions selection = new SelectionOptions();

  @Option(names = "--all", description = "All mail that the command can do something with.")
  private boolean all;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Kept with the mail and told in the events.")
  private String reason = "";

  @Option(
      names = {"-y", "--yes"},
      description = "Does it without asking. Mails that are named by ID need none.")
  private boolean yes;

  @Option(names = "--json", description = "Prints the result as JSON.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Order.Command command;
  private final String done;

  /**
   * @param done what is said of the mails afterwards
   */
  QueueActCommand(Order.Command command, String done) {
    this.command = command;
    this.done = done;
  }

  /** Of {@code reroute}. */
  String via() {
    return "";
  }

  @Override
  public Integer call() throws Exception {
    Map<String, List<String>> conditions = selection.conditions(ids);
    if (SelectionOptions.check(spec.commandLine(), conditions, all).isNothing()) {
      throw new ParameterException(
          spec.commandLine(), "which mails? Give IDs or options that choose them, or --all");
    }
    ObjectNode body = body(conditions);
    AdminClient client = AdminClient.of(common.settings());
    String path = "/api/mails/" + command;
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    long expected = -1;
    if (!yes && !conditions.keySet().equals(Set.of("id"))) {
      JsonNode count = client.post(path, body.deepCopy().put("dryRun", true), n -> {});
      expected = count.path("mails").asLong();
      if (expected == 0) {
        return result(count, out, err);
      }
      String question = command + ": " + mails(expected);
      if (!isTerminal()) {
        out.println(question + "; add --yes");
        out.flush();
        return Commands.NO;
      }
      if (!agrees(question)) {
        err.println("nothing was done");
        return Commands.NO;
      }
    }
    boolean shown = isTerminal() && !json;
    JsonNode result = client.post(path, body, n -> progress(err, shown, n));
    if (shown) {
      err.print("\r\033[K");
      err.flush();
    }
    return result(result, out, err);
  }

  private ObjectNode body(Map<String, List<String>> conditions) {
    try {
      Order order = new Order(command, reason, via());
      ObjectNode body = new JsonMapper().createObjectNode();
      conditions.forEach(
          (name, values) -> {
            ArrayNode list = body.putArray(name);
            values.forEach(list::add);
          });
      return body.put("all", all).put("reason", order.reason()).put("via", order.via());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int result(JsonNode result, PrintWriter out, PrintWriter err) {
    long count = result.path("mails").asLong();
    if (json) {
      out.println(result);
    } else {
      out.println(count == 0 ? "no mail" : mails(count) + " " + done);
    }
    out.flush();
    long busy = result.path("inDelivery").asLong();
    if (busy > 0) {
      err.println(mails(busy) + " being delivered at this moment: say it again if they come back");
    }
    if (result.has("hint")) {
      err.println(result.path("hint").asText());
    }
    err.flush();
    return count == 0 ? Commands.NO : 0;
  }

  private static String mails(long count) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? "mail" : "mails");
  }

  private static void progress(PrintWriter err, boolean shown, long count) {
    if (shown) {
      err.print("\r" + mails(count));
      err.flush();
    }
  }

  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static boolean agrees(String question) {
    Console console = System.console();
    String answer = console == null ? null : console.readLine("%s. Do it? [y/N] ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  @Command(
      name = "hold",
      sortOptions = false,
      description = "Keeps mail from being sent until it is released.",
      footer = {"", "Example:", "  caravan queue hold --from news@example.com --reason 'ask Ann'"})
  static final class Hold extends QueueActCommand {
    Hold() {
      super(Order.Command.HOLD, "held");
    }
  }

  @Command(
      name = "release",
      sortOptions = false,
      description = "Sends held and quarantined mail.",
      footer = {"", "Example:", "  caravan queue release --state quarantined --to bob@example.com"})
  static final class Release extends QueueActCommand {
    Release() {
      super(Order.Command.RELEASE, "released");
    }
  }

  @Command(
      name = "retry",
      sortOptions = false,
      description = "Sends mail now that waits for its next attempt, or for a later time.",
      footer = {"", "Example:", "  caravan queue retry --site example.com"})
  static final class Retry extends QueueActCommand {
    Retry() {
      super(Order.Command.RETRY, "due now");
    }
  }

  @Command(
      name = "reroute",
      sortOptions = false,
      description = {
        "Sends mail by another server, now and in later attempts. Held mail stays held and goes",
        "there when it is released."
      },
      footer = {
        "",
        "Examples:",
        "  caravan queue reroute --site example.com --via relay.example:25",
        "  caravan queue reroute --from @news.example --via relay-b"
      })
  static final class Reroute extends QueueActCommand {
    @Option(
        names = "--via",
        required = true,
        paramLabel = "SERVER",
        description = "HOST:PORT, or the name of a smarthost or group of the table.")
    private String via = "";

    Reroute() {
      super(Order.Command.REROUTE, "rerouted");
    }

    @Override
    String via() {
      return via;
    }
  }

  @Command(
      name = "bounce",
      sortOptions = false,
      description = "Gives mail back: its sender gets a report that it was not delivered.",
      footer = {"", "Example:", "  caravan queue bounce --to @gone.example --reason 'closed'"})
  static final class Bounce extends QueueActCommand {
    Bounce() {
      super(Order.Command.BOUNCE, "given back");
    }
  }

  @Command(
      name = "delete",
      sortOptions = false,
      description = "Deletes mail; nobody is told, but for an event.",
      footer = {"", "Example:", "  caravan queue delete --state quarantined --older 30d --yes"})
  static final class Delete extends QueueActCommand {
    Delete() {
      super(Order.Command.DELETE, "deleted");
    }
  }
}
