package dev.caravan.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code caravan queue}: groups the commands that look at and act on waiting mail. */
@Command(name = "queue", description = "Mail that waits.", synopsisSubcommandLabel = "COMMAND")
final class QueueCommand {
  @Mixin private CommonOptions common = new CommonOptions();
}
