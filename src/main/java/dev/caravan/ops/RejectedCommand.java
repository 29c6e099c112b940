package dev.caravan.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code caravan rejected}: groups the commands for submissions that were no mail. */
@Command(
    name = "rejected",
    description = "What applications submitted over JMS and was no mail.",
    synopsisSubcommandLabel = "COMMAND")
final class RejectedCommand {
  @Mixin private CommonOptions common = new CommonOptions();
}
