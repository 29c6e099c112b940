package dev.caravan.ops;

import dev.caravan.auth.UsersFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan user passwd}. */
@Command(
    name = "passwd",
    description = "Gives a user another password: the first line of standard input.")
final class UserPasswdCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    UsersFile users = new UsersFile(common.settings().path("caravan.users-file"));
    try {
      if (!users.changePassword(name, PasswordInput.read())) {
        throw new Failure("there is no user " + name);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "user passwd: " + e.getMessage(), e);
    }
    spec.commandLine().getOut().println("changed the password of " + name);
    return 0;
  }
}
