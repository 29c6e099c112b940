package dev.caravan.ops;

import dev.caravan.auth.UsersFile;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan user token}. */
@Command(
    name = "token",
    description = {
      "Prints a new token, with which a program of this user sends mail over HTTP.",
      "Only its digest is kept. Tokens before it stay good."
    })
final class UserTokenCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Option(names = "--replace", description = "Tokens before it end.")
  private boolean replace;

  @Option(names = "--end", description = "Makes none; all that there are end.")
  private boolean end;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    UsersFile users = new UsersFile(common.settings().path("caravan.users-file"));
    try {
      if (end) {
        if (!users.endTokens(name)) {
          throw new Failure("there is no user " + name);
        }
        spec.commandLine().getOut().println("ended the tokens of " + name);
        return 0;
      }
      Optional<String> token = users.addToken(name, replace);
      spec.commandLine()
          .getOut()
          .println(token.orElseThrow(() -> new Failure("there is no user " + name)));
      return 0;
    } catch (IllegalArgumentException e) {
      throw new Failure(e.getMessage() + "; --replace or --end those before");
    }
  }
}
