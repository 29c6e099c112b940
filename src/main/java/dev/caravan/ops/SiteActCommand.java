package dev.caravan.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mail.Durations;
import dev.caravan.traffic.Rate;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands that give orders for a site share. */
abstract class SiteActCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SITE", description = "As in the events.")
  private String site = "";

  @Option(names = "--json", description = "Prints the site as JSON.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final String command;

  SiteActCommand(String command) {
    this.command = command;
  }

  /**
   * What is sent.
   *
   * @throws IllegalArgumentException with what is wrong with the options
   */
  abstract ObjectNode body();

  static ObjectNode object() {
    return new JsonMapper().createObjectNode();
  }

  @Override
  public Integer call() throws Exception {
    ObjectNode body;
    try {
      body = body();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    JsonNode answer =
        AdminClient.of(common.settings())
            .post(SiteShowCommand.path(site) + "/" + command, body, n -> {});
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer);
    } else {
      SiteShowCommand.print(answer, out);
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "suspend",
      sortOptions = false,
      description = "Sends nothing there; its mail waits.",
      footer = {
        "",
        "Example:",
        "  caravan site suspend example.com --for 1h --why 'they asked us to pause'"
      })
  static final class Suspend extends SiteActCommand {
    @Option(
        names = "--for",
        paramLabel = "TIME",
        description = "So long: 30m, 4h, 2d. Default: until it is resumed.")
    private String time = "";

    @Option(names = "--why", paramLabel = "TEXT", description = "For whoever asks why mail waits.")
    private String why = "";

    Suspend() {
      super("suspend");
    }

    @Override
    ObjectNode body() {
      ObjectNode body = object().put("why", why);
      if (!time.isEmpty()) {
        if (Durations.parse(time).isZero()) {
          throw new IllegalArgumentException("--for is more than nothing");
        }
        body.put("for", time);
      }
      return body;
    }
  }

  @Command(
      name = "resume",
      description = "Ends a suspension; a site that is down is tried at once.")
  static final class Resume extends SiteActCommand {
    Resume() {
      super("resume");
    }

    @Override
    ObjectNode body() {
      return object();
    }
  }

  @Command(
      name = "limit",
      sortOptions = false,
      description = "Sets what the site is given, instead of what keys and rules say.",
      footer = {
        "",
        "Examples:",
        "  caravan site limit example.com --concurrency 2 --rate 100/min",
        "  caravan site limit example.com --clear"
      })
  static final class Limit extends SiteActCommand {
    @Option(
        names = "--concurrency",
        paramLabel = "N",
        description = "Deliveries at the same time, at most.")
    private @Nullable Integer concurrency;

    @Option(
        names = "--rate",
        paramLabel = "RATE",
        description = "Mails in a time: 10/s, 100/min, 5000/h, 20000/d; several with commas.")
    private @Nullable String rate;

    @Option(names = "--clear", description = "Again as keys and rules say.")
    private boolean clear;

    Limit() {
      super("limit");
    }

    @Override
    ObjectNode body() {
      ObjectNode body = object();
      if (clear == (concurrency != null || rate != null)) {
        throw new IllegalArgumentException(
            "give --concurrency or --rate or both, or --clear instead of them");
      }
      if (clear) {
        return body.put("clear", true);
      }
      if (concurrency != null) {
        if (concurrency < 1) {
          throw new IllegalArgumentException("--concurrency is at least 1");
        }
        body.put("concurrency", concurrency);
      }
      if (rate != null) {
        Rate.parse(rate);
        body.put("rate", rate);
      }
      return body;
    }
  }
}
