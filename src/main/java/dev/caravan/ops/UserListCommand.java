package dev.caravan.ops;

import dev.caravan.auth.Account;
import dev.caravan.auth.UsersFile;
import dev.caravan.mail.Sizes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code caravan user list}. */
@Command(name = "list", description = "Shows who may log in, and as whom each may send.")
final class UserListCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Table table = new Table("USER", "STATE", "SENDERS", ">MESSAGES/H", ">RECIPIENTS/H", ">SIZE");
    for (Account a : new UsersFile(common.settings().path("caravan.users-file")).list()) {
      table.row(
          a.name(),
          a.enabled() ? "enabled" : "disabled",
          a.senders().isEmpty() ? "any" : String.join(",", a.senders()),
          number(a.messagesPerHour()),
          number(a.recipientsPerHour()),
          a.sizeMax() == 0 ? "-" : Sizes.text(a.sizeMax()));
    }
    spec.commandLine().getOut().print(table);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static String number(int n) {
    return n == 0 ? "-" : Integer.toString(n);
  }
}
