package dev.caravan.ops;

import dev.caravan.ops.bench.BenchCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line: which commands there are, and what becomes of their errors. */
@Command(
    name = "caravan",
    sortOptions = false,
    sortSynopsis = false,
    versionProvider = Commands.Version.class,
    synopsisHeading = "Usage: ",
    customSynopsis = "caravan COMMAND [OPTIONS]",
    header = {"A mail relay gateway whose rules are Apache Camel routes.", ""},
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Examples:",
      "  caravan run                                    start; listens on 127.0.0.1:2525",
      "  caravan send --to you@example.com              send a test mail through it",
      "  caravan check                                  is everything right?",
      "  caravan queue list                             what is waiting, and for how long",
      "  caravan queue list --to @example.com           which mails, and why each is waiting",
      "  caravan queue retry --site example.com         try them again now",
      "  caravan site suspend example.com --for 1h      send nothing there for a while",
      "  caravan dkim keygen example.com s1             make a key, print its DNS record",
      "  caravan user add me@example.com                a user for submission; password on stdin",
      "  caravan bench --size 5KB --sessions 20         how fast is it on this machine?",
      "  caravan run -P caravan.delivery.mode=smarthost \\",
      "              -P caravan.smarthost.host=mail.example.com",
      "",
      "Configuration: config/caravan.properties explains every key. Rules: routes/policy.xml.",
      "Exit status: 0 yes or done, 1 no or failed, 2 wrong usage.",
    })
public final class Commands {
  static final int NO = 1;
  static final int WRONG_USAGE = 2;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @CommandLine.Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Shows the version.")
  private boolean version;

  private static final int HELP_WIDTH = 100;

  private Commands() {}

  /**
   * The command line for these arguments; {@link CommandLine#execute} returns the exit status. Who
   * runs the gateway does not wait for the other commands to be put together.
   */
  public static CommandLine line(RunningGateway.Starter starter, String... arguments) {
    CommandLine line = new CommandLine(new Commands());
    line.addSubcommand("run", new RunCommand(starter));
    if (arguments.length == 0 || !arguments[0].equals("run")) {
      others(line, starter);
    }
    line.setExecutionStrategy(Commands::execute);
    line.setParameterExceptionHandler(Commands::wrongUsage);
    line.setExecutionExceptionHandler(Commands::failed);
    line.setUsageHelpWidth(HELP_WIDTH);
    return line;
  }

  private static void others(CommandLine line, RunningGateway.Starter starter) {
    line.addSubcommand("check", new CheckCommand());
    line.addSubcommand("train", new TrainCommand(starter));
    line.addSubcommand("send", new SendCommand());
    line.addSubcommand("bench", new BenchCommand());
    line.addSubcommand(
        "queue",
        group(new QueueCommand())
            .addSubcommand("list", new QueueListCommand())
            .addSubcommand("show", new QueueShowCommand())
            .addSubcommand("hold", new QueueActCommand.Hold())
            .addSubcommand("release", new QueueActCommand.Release())
            .addSubcommand("retry", new QueueActCommand.Retry())
            .addSubcommand("reroute", new QueueActCommand.Reroute())
            .addSubcommand("bounce", new QueueActCommand.Bounce())
            .addSubcommand("delete", new QueueActCommand.Delete()));
    line.addSubcommand(
        "rejected",
        group(new RejectedCommand())
            .addSubcommand("list", new RejectedListCommand())
            .addSubcommand("show", new RejectedShowCommand())
            .addSubcommand("replay", new RejectedActCommand.Replay())
            .addSubcommand("delete", new RejectedActCommand.Delete()));
    line.addSubcommand(
        "site",
        group(new SiteCommand())
            .addSubcommand("list", new SiteListCommand())
            .addSubcommand("show", new SiteShowCommand())
            .addSubcommand("suspend", new SiteActCommand.Suspend())
            .addSubcommand("resume", new SiteActCommand.Resume())
            .addSubcommand("limit", new SiteActCommand.Limit()));
    line.addSubcommand(
        "dkim", group(new DkimCommand()).addSubcommand("keygen", new DkimKeygenCommand()));
    line.addSubcommand(
        "user",
        group(new UserCommand())
            .addSubcommand("add", new UserAddCommand())
            .addSubcommand("passwd", new UserPasswdCommand())
            .addSubcommand("token", new UserTokenCommand())
            .addSubcommand("disable", new UserSwitchCommand.Disable())
            .addSubcommand("enable", new UserSwitchCommand.Enable())
            .addSubcommand("remove", new UserSwitchCommand.Remove())
            .addSubcommand("list", new UserListCommand()));
  }

  private static CommandLine group(Object command) {
    return new CommandLine(command);
  }

  /** A command that only groups others helps. */
  private static int execute(CommandLine.ParseResult parsed) {
    CommandLine.ParseResult last = parsed;
    while (last.subcommand() != null) {
      last = last.subcommand();
    }
    CommandLine chosen = last.commandSpec().commandLine();
    if (!(chosen.getCommand() instanceof java.util.concurrent.Callable)
        && !last.isUsageHelpRequested()
        && !last.isVersionHelpRequested()) {
      chosen.usage(chosen.getOut());
      return 0;
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.println();
    command.usage(err);
    return WRONG_USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    Failure.tell(e, command.getErr());
    return NO;
  }

  /** The version as the build wrote it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Commands.class.getPackage().getImplementationVersion();
      return new String[] {
        "caravan " + (version == null ? "development" : version), "Java " + Runtime.version()
      };
    }
  }
}
