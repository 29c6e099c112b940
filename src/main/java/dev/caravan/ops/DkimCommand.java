package dev.caravan.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code caravan dkim}: groups the commands about signing keys. */
@Command(name = "dkim", description = "Keys that mail is signed with.")
final class DkimCommand {
  @Mixin private CommonOptions common = new CommonOptions();
}
