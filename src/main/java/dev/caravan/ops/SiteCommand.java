package dev.caravan.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code caravan site}: groups the commands that look at and act on sites. */
@Command(
    name = "site",
    description = {
      "The sites that mail goes to: a domain, or HOST:PORT of a smarthost, as in the events.",
      "Orders hold over a restart, on the node that they were given to."
    },
    synopsisSubcommandLabel = "COMMAND")
final class SiteCommand {
  @Mixin private CommonOptions common = new CommonOptions();
}
