package standin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** An Oracle user: its password, its privileges, and its schema, an in-memory database of H2 of its own. */
final class User {
  /** Words of H2 that are plain names to Oracle. */
  private static final String NON_KEYWORDS =
      "VALUE,KEY,DAY,HOUR,MINUTE,MONTH,SECOND,YEAR,GROUPS,QUALIFY,TOP,ARRAY,IF,LIMIT,OFFSET,WINDOW,ILIKE,LEFT,RIGHT";

  final String name;
  final long created = System.currentTimeMillis();
  private final String password;
  private final String database;
  private final Set<String> privileges = ConcurrentHashMap.newKeySet();
  /** A database in memory lives as long as a connection to it is open. */
  private Connection keeper;

  User(String name, String password, String database) {
    this.name = name;
    this.password = password;
    this.database = database;
  }

  boolean hasPassword(String given) {
    return password.equals(given);
  }

  void grant(String privilege) {
    privileges.add(privilege);
  }

  void revoke(String privilege) {
    privileges.remove(privilege);
  }

  boolean may(String privilege) {
    return privileges.contains(privilege) || privileges.contains("DBA");
  }

  void demand(String privilege) throws OracleException {
    if (!may(privilege)) throw new OracleException(1031, "insufficient privileges");
  }

  synchronized Connection connect() throws SQLException {
    if (keeper == null) {
      Connection first = open();
      setUp(first);
      keeper = first;
    }
    Connection connection = open();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SCHEMA \"" + name + "\"");
      statement.execute("SET SCHEMA_SEARCH_PATH \"" + name + "\", SYS");
    }
    connection.setAutoCommit(false);
    return connection;
  }

  private Connection open() throws SQLException {
    String settings = ";MODE=Oracle;DEFAULT_NULL_ORDERING=HIGH;NON_KEYWORDS=" + NON_KEYWORDS;
    // H2 waits this long for a lock at a time; how long in all is Session's to say.
    return DriverManager.getConnection("jdbc:h2:mem:" + database + settings + ";LOCK_TIMEOUT=200", name, "");
  }

  private void setUp(Connection connection) throws SQLException {
    String script;
    try (InputStream resource = User.class.getResourceAsStream("/catalogue.sql")) {
      script = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new SQLException(unreadable);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA \"" + name + "\"");
      statement.execute("CREATE SCHEMA SYS");
      statement.execute("SET SCHEMA SYS");
      for (String part : script.replaceAll("(?m)^--.*$", "").replace("&owner", name).split(";\\s*\n"))
        if (!part.isBlank() && (may("DBA") || !part.contains("V$SESSION"))) statement.execute(part);
    }
  }

  synchronized boolean hasObjects() throws SQLException {
    if (keeper == null) return false;
    try (Statement statement = keeper.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '" + name + "'")) {
      return found.next();
    }
  }

  /** Privileges as they were granted, in upper case. */
  Set<String> privileges() {
    return new TreeSet<>(privileges);
  }

  synchronized void close() {
    if (keeper == null) return;
    try (Statement statement = keeper.createStatement()) {
      statement.execute("SHUTDOWN IMMEDIATELY");
    } catch (SQLException closed) {
      System.err.println("dropping " + name + ": " + closed.getMessage());
    }
    keeper = null;
  }
}
