package dev.caravan.flow;

import dev.caravan.ops.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What a command has said beside a gateway that runs, and its exit status. */
record CommandRun(int status, String out, String err) {
  static CommandRun of(Path data, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Commands.line(
            (settings, check) -> {
              throw new AssertionError("no second gateway");
            });
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("-P", "caravan.data-dir=" + data));
    return new CommandRun(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }
}
