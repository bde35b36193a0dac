package standin;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An INSERT, UPDATE, DELETE or MERGE with one row of binds or many. */
final class Changes {
  private final Session session;
  private final Request request;
  private final LockWait wait;
  private final Binds binds;
  private final List<Object> rowCounts = new ArrayList<>();
  private final List<Object> errors = new ArrayList<>();
  private final List<Object> returned = new ArrayList<>();
  private long total;

  Changes(Session session, Request request, LockWait wait, Binds binds) {
    this.session = session;
    this.request = request;
    this.wait = wait;
    this.binds = binds;
  }

  /** Rows that were changed before a row failed stay changed: it is the client that rolls back. */
  Map<String, Object> run() throws OracleException, SQLException {
    try (PreparedStatement statement = prepare()) {
      for (int row = 0; row < request.number("times"); row++) {
        try {
          binds.set(statement, row);
          long changed = one(statement);
          rowCounts.add(changed);
          total += changed;
        } catch (SQLException failed) {
          OracleException error = OracleErrors.translate(failed, session, request, binds, row);
          if (!request.flag("batchErrors") || OracleErrors.endsBatch(error)) throw error;
          rowCounts.add(0);
          errors.add(Map.of("row", row, "number", error.number, "text", error.getMessage()));
        }
      }
    }
    Map<String, Object> answer = new HashMap<>();
    answer.put("rowCount", total);
    answer.put("rowCounts", rowCounts);
    answer.put("batchErrors", errors);
    answer.put("returned", returned);
    return answer;
  }

  /** Rows changed so far. */
  long total() {
    return total;
  }

  private boolean deletes() {
    return wait.sql().matches("(?is)\\s*DELETE\\b.*");
  }

  private PreparedStatement prepare() throws SQLException {
    List<Object> columns = request.list("returning");
    if (columns.isEmpty()) return session.connection().prepareStatement(wait.sql());
    if (!deletes())
      return session.connection().prepareStatement(wait.sql(), columns.toArray(new String[0]));
    // H2 gives generated keys of what is there afterwards only.
    StringBuilder list = new StringBuilder();
    for (Object column : columns) list.append(list.length() > 0 ? ", " : "").append('"').append(column).append('"');
    return session.connection().prepareStatement("SELECT " + list + " FROM OLD TABLE (" + wait.sql() + ")");
  }

  private long one(PreparedStatement statement) throws OracleException, SQLException {
    if (request.list("returning").isEmpty()) return wait.run(session, statement, statement::executeLargeUpdate);
    if (!deletes()) {
      long changed = wait.run(session, statement, statement::executeLargeUpdate);
      try (ResultSet keys = statement.getGeneratedKeys()) {
        returned.add(rows(keys));
      }
      return changed;
    }
    try (ResultSet gone = wait.run(session, statement, statement::executeQuery)) {
      List<Object> rows = rows(gone);
      returned.add(rows);
      return rows.size();
    }
  }

  private List<Object> rows(ResultSet set) throws OracleException, SQLException {
    Values values = new Values(session, set.getMetaData());
    List<Object> rows = new ArrayList<>();
    while (set.next()) rows.add(values.row(set, request.list("asLocator")));
    return rows;
  }
}
