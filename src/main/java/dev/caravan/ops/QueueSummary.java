package dev.caravan.ops;

/**
 * What waits in one queue for one site.
 *
 * @param queue e.g. {@code mail.out}
 * @param site empty where the queue does not tell
 * @param oldestSeconds age of the oldest mail; negative when unknown
 * @param sample how many mails of the queue were looked at for their sites; 0 = all
 */
record QueueSummary(String queue, String site, long count, long oldestSeconds, long sample) {}
