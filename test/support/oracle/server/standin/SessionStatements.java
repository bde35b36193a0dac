package standin;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Statements about the session and its transaction: ALTER SESSION, COMMIT, SAVEPOINT, SET TRANSACTION. */
final class SessionStatements {
  private static final Pattern ALTER = pattern("ALTER SESSION SET (.+)");
  private static final Pattern SETTING =
      Pattern.compile("\\G\\s*(\\w+)\\s*=\\s*('(?:[^']|'')*'|\"[^\"]*\"|[\\w.+:-]+)\\s*");
  private static final Pattern SAVEPOINT = pattern("SAVEPOINT (\\w+)");
  private static final Pattern ROLLBACK_TO = pattern("ROLLBACK(?: WORK)? TO(?: SAVEPOINT)? (\\w+)");
  private static final Pattern ISOLATION =
      pattern("SET TRANSACTION(?: ISOLATION LEVEL (READ COMMITTED|SERIALIZABLE)| READ WRITE| READ ONLY)?");
  /** Taken without effect on H2. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("DDL_LOCK_TIMEOUT", "OPTIMIZER_MODE", "STATISTICS_LEVEL", "CURSOR_SHARING", "ISOLATION_LEVEL");

  private SessionStatements() {}

  private static Pattern pattern(String words) {
    return Pattern.compile("(?is)^\\s*" + words.replace(" ", "\\s+") + "\\s*$");
  }

  static void run(Session session, Executor executor, String sql) throws OracleException, SQLException {
    Matcher match;
    if (pattern("COMMIT(?: WORK)?").matcher(sql).matches()) executor.commit();
    else if (pattern("ROLLBACK(?: WORK)?").matcher(sql).matches()) executor.rollback();
    else if ((match = ALTER.matcher(sql)).matches()) alter(session, match.group(1));
    else if ((match = SAVEPOINT.matcher(sql)).matches()) executeOnH2(session, "SAVEPOINT \"" + upper(match) + "\"");
    else if ((match = ROLLBACK_TO.matcher(sql)).matches())
      executeOnH2(session, "ROLLBACK TO SAVEPOINT \"" + upper(match) + "\"");
    else if ((match = ISOLATION.matcher(sql)).matches()) {
      if (executor.inTransaction())
        throw new OracleException(1453, "SET TRANSACTION must be first statement of transaction");
      boolean serializable = "SERIALIZABLE".equalsIgnoreCase(match.group(1));
      // H2's snapshot isolation is what Oracle calls serializable.
      if (serializable) executeOnH2(session, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
    } else throw new OracleException(900, "invalid SQL statement");
  }

  private static String upper(Matcher match) {
    return match.group(1).toUpperCase(Locale.ROOT);
  }

  private static void executeOnH2(Session session, String sql) throws SQLException {
    try (Statement statement = session.connection().createStatement()) {
      statement.execute(sql);
    }
  }

  private static void alter(Session session, String settings) throws OracleException, SQLException {
    Matcher setting = SETTING.matcher(settings);
    int end = 0;
    while (end < settings.length() && setting.find()) {
      set(session, setting.group(1).toUpperCase(Locale.ROOT), setting.group(2));
      end = setting.end();
    }
    if (end < settings.length()) throw new OracleException(922, "missing or invalid option");
  }

  private static void set(Session session, String name, String written) throws OracleException, SQLException {
    String value = written.startsWith("'") ? written.substring(1, written.length() - 1).replace("''", "'") : written;
    if (name.equals("TIME_ZONE")) setTimeZone(session, value);
    else if (name.equals("CURRENT_SCHEMA")) {
      if (!UserStatements.catalogueName(value).equals(session.user().name))
        throw OracleException.unsupported("another user's schema");
    } else if (name.equals("NLS_LENGTH_SEMANTICS") && !value.matches("(?i)BYTE|CHAR"))
      throw new OracleException(12705, "Cannot access NLS data files or invalid environment specified");
    else if (session.settings().knows(name)) session.settings().setParameter(name, value.toUpperCase(Locale.ROOT));
    else if (!WITHOUT_EFFECT.contains(name)) throw new OracleException(2248, "invalid option for ALTER SESSION");
  }

  /** @param zone a region or an offset; the driver's own are like +2:0 */
  static void setTimeZone(Session session, String zone) throws OracleException, SQLException {
    String canonical = zone;
    Matcher offset = Pattern.compile("([+-]?)(\\d{1,2}):(\\d{1,2})").matcher(zone);
    if (offset.matches())
      canonical =
          String.format(
              "%s%02d:%02d",
              offset.group(1).isEmpty() ? "+" : offset.group(1),
              Integer.parseInt(offset.group(2)),
              Integer.parseInt(offset.group(3)));
    if (canonical.equals("-00:00")) canonical = "+00:00";
    else if (!offset.matches() && !java.time.ZoneId.getAvailableZoneIds().contains(zone))
      throw new OracleException(1882, "timezone region not found");
    executeOnH2(session, "SET TIME ZONE '" + canonical.replace("'", "''") + "'");
    session.settings().setTimeZone(canonical);
  }
}
