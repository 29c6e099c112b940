package dev.caravan.ops;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import dev.caravan.mail.Sizes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan user add}. */
@Command(
    name = "add",
    description = {
      "Adds a user; the password is the first line of standard input.",
      "A running gateway knows the user within a second."
    })
final class UserAddCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "Often an e-mail address.")
  private String name = "";

  @Option(
      names = "--senders",
      split = ",",
      paramLabel = "LIST",
      description =
          "Addresses and domains it may send as: a@example.com,example.org,.example.net. Default:"
              + " any.")
  private List<String> senders = new ArrayList<>();

  @Option(
      names = "--messages-per-hour",
      paramLabel = "N",
      description = "Of its own. Default: as the settings say.")
  private int messages;

  @Option(
      names = "--recipients-per-hour",
      paramLabel = "N",
      description = "Of its own. Default: as the settings say.")
  private int recipients;

  @Option(
      names = "--size-max",
      paramLabel = "SIZE",
      description = "Of a mail, such as 10MB; no more than the settings say, which is the default.")
  private String size = "0";

  @Option(
      names = "--keep-password",
      description =
          "Keeps the password itself, which CRAM-MD5 needs: whoever reads the file then has it.")
  private boolean keep;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Path file = common.settings().path("caravan.users-file");
    try {
      Account account = new Account(name, true, senders, messages, recipients, Sizes.parse(size));
      if (!new UsersFile(file).add(account, PasswordInput.read(), keep)) {
        throw new Failure("there is a user " + name + " already; change it with user passwd");
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "user add: " + e.getMessage(), e);
    }
    spec.commandLine().getOut().println("added " + name + " to " + file);
    return 0;
  }
}
