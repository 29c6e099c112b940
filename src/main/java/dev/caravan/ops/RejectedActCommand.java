package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that act on rejected submissions share. */
abstract class RejectedActCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "ID", description = "As the list names them.")
  private List<String> ids = new ArrayList<>();

  @Option(names = "--all", description = "All that were rejected.")
  private boolean all;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final String command;
  private final String done;

  /**
   * @param done what is said of them afterwards
   */
  RejectedActCommand(String command, String done) {
    this.command = command;
    this.done = done;
  }

  @Override
  public Integer call() throws Exception {
    if (ids.isEmpty() != all) {
      throw new ParameterException(spec.commandLine(), "which? Give IDs, or --all");
    }
    ObjectNode body = new JsonMapper().createObjectNode();
    if (all) {
      body.put("all", true);
    } else {
      ArrayNode list = body.putArray("id");
      ids.forEach(list::add);
    }
    JsonNode result =
        AdminClient.of(common.settings()).post("/api/rejected/" + command, body, n -> {});
    long count = result.path("mails").asLong();
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, "%,d %s", count, done));
    out.flush();
    return count == 0 ? Commands.NO : 0;
  }

  @Command(
      name = "replay",
      description = {
        "Puts submissions back on mail.submit, as they were and as from whom they were: for when",
        "the reason is gone. What is no mail comes back here."
      })
  static final class Replay extends RejectedActCommand {
    Replay() {
      super("replay", "submitted again");
    }
  }

  @Command(name = "delete", description = "Deletes submissions.")
  static final class Delete extends RejectedActCommand {
    Delete() {
      super("delete", "deleted");
    }
  }
}
