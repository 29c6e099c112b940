package dev.caravan.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code caravan user}: groups the commands about who may log in. */
@Command(name = "user", description = "Who may log in over SMTP: the file caravan.users-file.")
final class UserCommand {
  @Mixin private CommonOptions common = new CommonOptions();
}
