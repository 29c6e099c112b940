import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Users of a gateway, made by its own command. */
final class BenchUsers {
  private BenchUsers() {}

  /**
   * Runs {@code ./caravan user NAME USER}; what it prints.
   *
   * @param users the file they stand in
   * @param input what it is told, a password
   */
  static String command(Path users, String input, String name, String user) throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("caravan.home") + "/caravan",
                "user",
                name,
                user,
                "-P",
                "caravan.users-file=" + users)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (OutputStream out = process.getOutputStream()) {
      out.write((input + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It reads none.
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("user " + name + " failed: " + said);
    }
    return said;
  }
}
