package standin;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a statement waits for locks: for ever, but for FOR UPDATE NOWAIT and WAIT n, and for DDL,
 * which does not wait. H2 waits a short time per attempt; between attempts breaks are looked for.
 */
final class LockWait {
  private static final int LOCK_TIMEOUT = 50_200;
  private static final int CHANGED_MEANWHILE = 90_131;
  /** Also what H2 says when a snapshot cannot be kept. */
  private static final int DEADLOCK = 40_001;
  private static final Pattern FOR_UPDATE =
      Pattern.compile(
          "\\bFOR\\s+UPDATE\\b(?:\\s+OF\\s+[\\w$#\", .]+?)?(?:\\s+(NOWAIT|WAIT\\s+(\\d+)|SKIP\\s+LOCKED))?\\s*$",
          Pattern.CASE_INSENSITIVE);

  interface Work<T> {
    T run() throws SQLException;
  }

  private final String sql;
  private final boolean locks;
  /** Negative: for ever. */
  private final long limitMs;

  private LockWait(String sql, boolean locks, long limitMs) {
    this.sql = sql;
    this.locks = locks;
    this.limitMs = limitMs;
  }

  /** The statement as it was sent says how long it is to wait; H2 knows FOR UPDATE without any more. */
  static LockWait of(Request request) throws OracleException {
    String kind = request.text("kind");
    String sql = request.text("h2");
    if (kind.equals("ddl")) return new LockWait(sql, false, 0);
    Matcher clause = FOR_UPDATE.matcher(request.text("sql"));
    if (!kind.equals("query") || !clause.find()) return new LockWait(sql, false, -1);
    String plain = FOR_UPDATE.matcher(sql).replaceFirst("FOR UPDATE");
    String mode = clause.group(1);
    if (mode == null) return new LockWait(plain, true, -1);
    if (mode.toUpperCase(Locale.ROOT).startsWith("SKIP")) throw OracleException.unsupported("SKIP LOCKED");
    return new LockWait(plain, true, clause.group(2) == null ? 0 : Long.parseLong(clause.group(2)) * 1000);
  }

  String sql() {
    return sql;
  }

  boolean locks() {
    return locks;
  }

  <T> T run(Session session, Statement statement, Work<T> work) throws OracleException, SQLException {
    long start = System.currentTimeMillis();
    while (true) {
      session.checkInterrupted();
      session.setRunning(statement);
      try {
        return work.run();
      } catch (SQLException failed) {
        session.checkInterrupted();
        int code = failed.getErrorCode();
        // Trying again would find the same snapshot.
        if ((code == CHANGED_MEANWHILE || code == DEADLOCK) && isSerializable(session))
          throw new OracleException(8177, "can't serialize access for this transaction");
        boolean locked = code == LOCK_TIMEOUT;
        if (!locked && code != CHANGED_MEANWHILE) throw failed;
        if (locked && limitMs >= 0 && System.currentTimeMillis() - start >= limitMs) throw busy();
      } finally {
        session.setRunning(null);
      }
    }
  }

  private static boolean isSerializable(Session session) throws SQLException {
    return session.connection().getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED;
  }

  private OracleException busy() {
    if (limitMs > 0) return new OracleException(30006, "resource busy; acquire with WAIT timeout expired");
    return new OracleException(54, "resource busy and acquire with NOWAIT specified or timeout expired");
  }
}
