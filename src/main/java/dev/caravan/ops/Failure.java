package dev.caravan.ops;

import dev.caravan.settings.InvalidSettingsException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** A command can't do what it was asked; the message is the sentence for the operator. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  Failure(String sentence) {
    super(sentence);
  }

  Failure(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** Tells the operator why a command has failed. */
  static void tell(Exception error, PrintWriter err) {
    switch (error) {
      case InvalidSettingsException invalid -> invalid.problems().forEach(err::println);
      case Failure failure -> err.println("caravan: " + failure.getMessage());
      default -> err.println("caravan: " + sentence(error));
    }
    err.flush();
  }

  /** What went wrong in one line: the innermost cause that says something. */
  static String sentence(Throwable error) {
    String best = error.getClass().getSimpleName();
    Throwable at = error;
    for (int depth = 0; at != null && depth < 20; depth++) {
      best = describe(at, best);
      at = at.getCause();
    }
    return best;
  }

  private static String describe(Throwable error, String otherwise) {
    @Nullable String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return otherwise.isEmpty() ? error.getClass().getSimpleName() : otherwise;
    }
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    return switch (error) {
      case java.nio.file.AccessDeniedException e -> "no permission for " + line;
      case java.nio.file.NoSuchFileException e -> "there is no " + line;
      case java.nio.file.FileAlreadyExistsException e -> line + " is in the way";
      case ClassNotFoundException e -> "there is no class " + line;
      default -> line;
    };
  }
}
