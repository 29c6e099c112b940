package dev.caravan.ops;

import dev.caravan.auth.UsersFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code caravan user disable}, {@code enable} and {@code remove} share. */
abstract class UserSwitchCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final String done;

  UserSwitchCommand(String done) {
    this.done = done;
  }

  /** False when there is no such user. */
  abstract boolean change(UsersFile users, String user) throws Exception;

  @Override
  public Integer call() throws Exception {
    if (!change(new UsersFile(common.settings().path("caravan.users-file")), name)) {
      throw new Failure("there is no user " + name);
    }
    spec.commandLine().getOut().println(done + " " + name);
    return 0;
  }

  @Command(name = "disable", description = "Lets a user no longer log in; everything else stays.")
  static final class Disable extends UserSwitchCommand {
    Disable() {
      super("disabled");
    }

    @Override
    boolean change(UsersFile users, String user) throws Exception {
      return users.setEnabled(user, false);
    }
  }

  @Command(name = "enable", description = "Lets a disabled user log in again.")
  static final class Enable extends UserSwitchCommand {
    Enable() {
      super("enabled");
    }

    @Override
    boolean change(UsersFile users, String user) throws Exception {
      return users.setEnabled(user, true);
    }
  }

  @Command(name = "remove", description = "Removes a user.")
  static final class Remove extends UserSwitchCommand {
    Remove() {
      super("removed");
    }

    @Override
    boolean change(UsersFile users, String user) throws Exception {
      return users.remove(user);
    }
  }
}
