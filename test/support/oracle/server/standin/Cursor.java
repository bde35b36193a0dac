package standin;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An open query, from which the client fetches as it goes. */
final class Cursor {
  private final Session session;
  private final PreparedStatement statement;
  private final ResultSet rows;
  private final List<Map<String, Object>> columns;
  private final Values values;
  private boolean exhausted;

  Cursor(Session session, PreparedStatement statement, ResultSet rows, ColumnTypes types)
      throws SQLException, OracleException {
    this.session = session;
    this.statement = statement;
    this.rows = rows;
    columns = types.describe(rows.getMetaData());
    values = new Values(session, rows.getMetaData());
  }

  List<Map<String, Object>> columns() {
    return columns;
  }

  boolean hasLobs() {
    return values.hasLobs();
  }

  /**
   * Adds `rows` and `more` to the answer.
   *
   * @param asLocator per column: true gives a locator, else the LOB's content
   */
  void fetch(int count, List<Object> asLocator, Map<String, Object> answer) throws SQLException, OracleException {
    List<Object> batch = new ArrayList<>();
    while (!exhausted && batch.size() < count) {
      session.checkInterrupted();
      if (rows.next()) batch.add(values.row(rows, asLocator));
      else exhausted = true;
    }
    if (exhausted) close();
    answer.put("rows", batch);
    answer.put("more", !exhausted);
  }

  void close() throws SQLException {
    exhausted = true;
    statement.close();
  }
}
