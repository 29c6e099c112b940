package dev.caravan.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process has used until now, as Linux says; zero where there is no {@code /proc}.
 *
 * @param cpu of all its threads
 * @param residentMegabytes now
 * @param peakMegabytes the most it ever was
 */
record ProcessUse(Duration cpu, long residentMegabytes, long peakMegabytes) {
  static ProcessUse of(ProcessHandle process) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    Duration cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
    if (!Files.isReadable(status)) {
      return new ProcessUse(cpu, 0, 0);
    }
    String text = Files.readString(status);
    return new ProcessUse(cpu, megabytes(text, "VmRSS"), megabytes(text, "VmHWM"));
  }

  private static long megabytes(String status, String field) {
    Matcher found = Pattern.compile(field + ":\\s+(\\d+) kB").matcher(status);
    return found.find() ? Long.parseLong(found.group(1)) / 1024 : 0;
  }
}
