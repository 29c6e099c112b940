import com.google.googlejavaformat.java.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java file below the folder named last, with the flags before
 * it.
 */
final class Format {
  public static void main(String[] args) throws Exception {
    List<String> flags = List.of(args).subList(0, args.length - 1);
    try (Stream<Path> tree = Files.walk(Path.of(args[args.length - 1]))) {
      Stream<String> files = tree.map(Path::toString).filter(f -> f.endsWith(".java")).sorted();
      Main.main(Stream.concat(flags.stream(), files).toArray(String[]::new));
    }
  }
}
