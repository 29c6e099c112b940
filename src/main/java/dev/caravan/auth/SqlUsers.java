package dev.caravan.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.mail.Durations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users in a database, found by a query of the operator's. What was found is remembered for a
 * while, so that a mail to many costs one query; a change counts when that time is over.
 *
 * <p>The query has one parameter, the name, and these columns, all but the first optional: {@code
 * hash} (what stands behind the name in the users file: Argon2id, bcrypt, keys of SCRAM-SHA-256,
 * {@code {CLEAR}}; several with spaces between), {@code enabled}, {@code senders} (with commas
 * between), {@code messages} and {@code recipients} (of an hour), {@code size} (octets, or such as
 * {@code 10MB}).
 */
public final class SqlUsers extends UserLines implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqlUsers.class);
  private static final int CONNECTIONS = 4;
  private static final int REMEMBERED_MAX = 10_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final String query;
  private final HikariDataSource source;
  private final Cache<String, Optional<UserLine>> known;

  /**
   * Connects when somebody first logs in: a database that is down keeps no mail out.
   *
   * @param url such as {@code jdbc:postgresql://db.example/mail}
   * @param query with one {@code ?} for the name
   * @param remembered how long what was found counts; 0s = every question is asked
   */
  public SqlUsers(String url, String user, String password, String query, String remembered) {
    this.query = query;
    this.known =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumSize(REMEMBERED_MAX)
            .expireAfterWrite(Durations.parse(remembered))
            .build();
    HikariConfig config = new HikariConfig();
    config.setPoolName("users");
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    config.setReadOnly(true);
    config.setConnectionTimeout(TIMEOUT.toMillis());
    config.setInitializationFailTimeout(-1);
    this.source = new HikariDataSource(config);
  }

  @Override
  Optional<UserLine> line(String name) {
    Optional<UserLine> before = known.getIfPresent(name);
    if (before != null) {
      return before;
    }
    Optional<UserLine> found = UserLine.isName(name) ? ask(name) : Optional.empty();
    known.put(name, found);
    return found;
  }

  private Optional<UserLine> ask(String name) {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setQueryTimeout((int) TIMEOUT.toSeconds());
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? read(name, rows) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new UsersUnavailableException("the users' database can't be asked now", e);
    }
  }

  /** As a line of the users file, which has been checked a thousand times. */
  private static Optional<UserLine> read(String name, ResultSet row) throws SQLException {
    Set<String> columns = columns(row.getMetaData());
    StringBuilder line = new StringBuilder(name).append(':').append(text(row, "hash"));
    option(line, columns, row, "senders");
    option(line, columns, row, "messages");
    option(line, columns, row, "recipients");
    option(line, columns, row, "size");
    if (columns.contains("enabled") && !row.getBoolean("enabled")) {
      line.append(" disabled");
    }
    try {
      return Optional.of(UserLine.parse(line.toString()));
    } catch (IllegalArgumentException e) {
      LOG.error("the user {} of the database can't be used: {}", name, e.getMessage());
      return Optional.empty();
    }
  }

  private static void option(StringBuilder line, Set<String> columns, ResultSet row, String column)
      throws SQLException {
    String value = columns.contains(column) ? text(row, column).replace(" ", "") : "";
    if (!value.isEmpty()) {
      line.append(' ').append(column).append('=').append(value);
    }
  }

  private static String text(ResultSet row, String column) throws SQLException {
    String value = row.getString(column);
    return value == null ? "" : value.strip();
  }

  private static Set<String> columns(ResultSetMetaData data) throws SQLException {
    Set<String> columns = new HashSet<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      columns.add(data.getColumnLabel(i).toLowerCase(Locale.ROOT));
    }
    return columns;
  }

  /** Whoever names a database has users; it is not asked, because this must not block. */
  @Override
  public boolean isEmpty() {
    return false;
  }

  @Override
  public void close() {
    source.close();
  }
}
