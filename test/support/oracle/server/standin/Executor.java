package standin;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Carries out what the driver asks of a session that is logged in. */
final class Executor {
  private static final Pattern IDENTITY = Pattern.compile("\\bAS\\s+IDENTITY\\b", Pattern.CASE_INSENSITIVE);

  private final Session session;
  private final Map<Integer, Cursor> cursors = new HashMap<>();
  private final ColumnTypes columnTypes;
  private boolean inTransaction;

  Executor(Session session) {
    this.session = session;
    columnTypes = new ColumnTypes(session);
  }

  boolean inTransaction() {
    return inTransaction;
  }

  Map<String, Object> perform(String operation, Request request) throws OracleException, SQLException {
    switch (operation) {
      case "execute":
        return execute(request);
      case "define":
      case "fetch":
        return fetch(request);
      case "statement":
        return sessionStatement(request);
      case "block":
        return block(request);
      case "refused":
        throw new OracleException(request.number("number"), request.text("text"));
      case "commit":
        commit();
        return new HashMap<>();
      case "rollback":
        rollback();
        return new HashMap<>();
      case "ping":
        return new HashMap<>();
      default:
        return lob(operation, request);
    }
  }

  void commit() throws SQLException {
    session.connection().commit();
    endTransaction();
  }

  void rollback() throws SQLException {
    session.connection().rollback();
    endTransaction();
  }

  private void endTransaction() throws SQLException {
    inTransaction = false;
    session.instance().locks.transactionEnded(session);
    if (session.connection().getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED)
      session.connection().setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
  }

  void closeCursor(int number) throws SQLException {
    Cursor cursor = cursors.remove(number);
    if (cursor != null) cursor.close();
  }

  private Map<String, Object> execute(Request request) throws OracleException, SQLException {
    session.instance().collect(session, request.text("sql"));
    closeCursor(request.number("cursor"));
    LockWait wait = LockWait.of(request);
    try {
      switch (request.text("kind")) {
        case "query":
          return query(request, wait);
        case "ddl":
          return define(request, wait);
        default:
          return change(request, wait);
      }
    } catch (SQLException failed) {
      throw OracleErrors.translate(failed, session, request);
    }
  }

  private Map<String, Object> query(Request request, LockWait wait) throws OracleException, SQLException {
    Binds binds = new Binds(session, request);
    binds.refuseLong();
    PreparedStatement statement = session.connection().prepareStatement(wait.sql());
    try {
      if (binds.rows() > 0) binds.set(statement, 0);
      ResultSet rows = wait.run(session, statement, statement::executeQuery);
      if (wait.locks()) inTransaction = true;
      Cursor cursor = new Cursor(session, statement, rows, columnTypes);
      cursors.put(request.number("cursor"), cursor);
      Map<String, Object> answer = new HashMap<>();
      answer.put("columns", cursor.columns());
      // The driver first tells how it wants LOBs.
      if (request.number("fetch") > 0 && !cursor.hasLobs()) cursor.fetch(request.number("fetch"), List.of(), answer);
      return answer;
    } catch (SQLException | OracleException | RuntimeException failed) {
      statement.close();
      releaseLocks();
      throw failed;
    }
  }

  private Map<String, Object> fetch(Request request) throws OracleException, SQLException {
    Cursor cursor = cursors.get(request.number("cursor"));
    if (cursor == null) throw new OracleException(1002, "fetch out of sequence");
    Map<String, Object> answer = new HashMap<>();
    try {
      cursor.fetch(request.number("fetch"), request.list("asLocator"), answer);
    } catch (SQLException failed) {
      throw OracleErrors.translate(failed, session, request);
    }
    return answer;
  }

  /** Oracle commits before DDL, and after it even when it fails. */
  private Map<String, Object> define(Request request, LockWait wait) throws OracleException, SQLException {
    commit();
    demandRights(request.text("sql"));
    try (Statement statement = session.connection().createStatement()) {
      for (String domain : Domains.missingFor(session.connection(), wait.sql())) statement.execute(domain);
      wait.run(session, statement, () -> statement.execute(wait.sql()));
    } finally {
      commit();
      columnTypes.forget();
    }
    return new HashMap<>();
  }

  private void demandRights(String sql) throws OracleException {
    String[] words = sql.trim().toUpperCase(Locale.ROOT).split("\\s+", 6);
    if (!words[0].equals("CREATE")) return;
    int at = 1;
    while (at < words.length && List.of("OR", "REPLACE", "GLOBAL", "TEMPORARY", "FORCE").contains(words[at])) at++;
    String kind = at < words.length ? words[at] : "";
    if (List.of("TABLE", "VIEW", "SEQUENCE").contains(kind)) session.user().demand("CREATE " + kind);
    if (IDENTITY.matcher(sql).find()) session.user().demand("CREATE SEQUENCE");
  }

  private Map<String, Object> change(Request request, LockWait wait) throws OracleException, SQLException {
    Binds binds = new Binds(session, request);
    if (!request.text("sql").matches("(?is)\\s*(INSERT|UPDATE)\\b.*")) binds.refuseLong();
    if (request.text("sql").matches("(?is)\\s*INSERT\\b.*")) demandQuota();
    Changes changes = new Changes(session, request, wait, binds);
    Map<String, Object> answer;
    try {
      answer = changes.run();
    } catch (SQLException | OracleException failed) {
      // Rows before the failed one stay.
      if (changes.total() > 0) inTransaction = true;
      else releaseLocks();
      throw failed;
    }
    inTransaction = true;
    if (request.flag("autoCommit")) commit();
    return answer;
  }

  /** A statement that failed gives back its locks; H2 would keep the table's until the transaction ends. */
  private void releaseLocks() throws SQLException {
    if (!inTransaction) session.connection().rollback();
  }

  private void demandQuota() throws OracleException {
    User user = session.user();
    if (!user.may("QUOTA") && !user.may("UNLIMITED TABLESPACE"))
      throw new OracleException(1950, "no privileges on tablespace 'USERS'");
  }

  private Map<String, Object> sessionStatement(Request request) throws OracleException, SQLException {
    String sql = request.text("sql");
    Map<String, Object> answer = new HashMap<>();
    if (UserStatements.isOne(sql)) {
      commit();
      UserStatements.run(session, sql);
    } else SessionStatements.run(session, this, sql);
    session.instance().collect(session, sql);
    answer.put("lengthSemantics", session.settings().parameter("NLS_LENGTH_SEMANTICS"));
    return answer;
  }

  private Map<String, Object> block(Request request) throws OracleException {
    session.checkInterrupted();
    List<Object> binds = new ArrayList<>(request.list("binds"));
    Block block = new Block(session, request.text("sql"), binds);
    block.run();
    session.instance().collect(session, request.text("sql"));
    Map<String, Object> answer = new HashMap<>();
    answer.put("out", binds);
    return answer;
  }

  private Map<String, Object> lob(String operation, Request request) throws OracleException {
    Lobs lobs = session.lobs();
    int id = request.number("lob");
    Map<String, Object> answer = new HashMap<>();
    switch (operation) {
      case "lobCreate":
        answer.put("lob", lobs.createTemporary(request.flag("binary")));
        return answer;
      case "lobRead":
        answer.put("data", lobs.read(id, request.number("offset"), request.number("amount")));
        return answer;
      case "lobWrite":
        lobs.write(id, request.number("offset"), request.text("data"));
        return answer;
      case "lobTrim":
        lobs.trim(id, request.number("amount"));
        return answer;
      case "lobLength":
        answer.put("amount", Lobs.lengthOf(lobs.content(id)));
        return answer;
      default:
        throw OracleException.unsupported("the operation " + operation);
    }
  }
}
