package standin;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of a statement's input binds: a type per bind, and a list of rows. */
final class Binds {
  /** A string that is longer travels as a LONG, which only a column can take. */
  private static final int MAX_STRING_BYTES = 4000;

  private static final Pattern INSERT_COLUMNS = Pattern.compile("(?is)^\\s*INSERT\\s+INTO\\s+\\S+\\s*\\(([^()]*)\\)\\s*VALUES");
  private static final Pattern SET_COLUMN = Pattern.compile("\"?([\\w$#]+)\"?\\s*=\\s*CAST\\s*\\(\\s*\\?(\\d+)");

  private final Session session;
  private final String h2;
  private final List<Object> types;
  private final List<Object> rows;

  Binds(Session session, Request request) {
    this.session = session;
    types = request.list("types");
    rows = request.list("rows");
    h2 = request.text("h2");
  }

  int rows() {
    return rows.size();
  }

  /** @throws OracleException ORA-01461 when a value is too long for anything but a column */
  void refuseLong() throws OracleException {
    for (int row = 0; row < rows.size(); row++) if (hasLong(row)) throw tooLong();
  }

  static OracleException tooLong() {
    return new OracleException(1461, "can bind a LONG value only for insert into a LONG column");
  }

  boolean hasLong(int row) {
    if (row >= rows.size()) return false;
    List<?> values = (List<?>) rows.get(row);
    for (int i = 0; i < types.size(); i++) {
      Object value = values.get(i);
      if (types.get(i).equals("varchar")
          && value != null
          && value.toString().getBytes(StandardCharsets.UTF_8).length > MAX_STRING_BYTES) return true;
    }
    return false;
  }

  /** How many bytes or characters the string has that goes to this column; 0 where that cannot be told. */
  int lengthFor(String column, int row, boolean inBytes) {
    int bind = bindOf(column);
    if (bind < 0 || bind >= types.size()) return 0;
    Object value = ((List<?>) rows.get(row)).get(bind);
    if (value == null) return 0;
    String text = value.toString();
    return inBytes ? text.getBytes(StandardCharsets.UTF_8).length : text.codePointCount(0, text.length());
  }

  private int bindOf(String column) {
    Matcher columns = INSERT_COLUMNS.matcher(h2);
    if (columns.find()) {
      String[] names = columns.group(1).split(",");
      if (names.length != types.size()) return -1;
      for (int i = 0; i < names.length; i++)
        if (names[i].trim().replace("\"", "").equalsIgnoreCase(column)) return i;
      return -1;
    }
    for (Matcher set = SET_COLUMN.matcher(h2); set.find(); )
      if (set.group(1).equalsIgnoreCase(column)) return Integer.parseInt(set.group(2)) - 1;
    return -1;
  }

  void set(PreparedStatement statement, int row) throws SQLException, OracleException {
    if (types.isEmpty()) return;
    List<?> values = (List<?>) rows.get(row);
    for (int i = 0; i < types.size(); i++) set(statement, i + 1, types.get(i).toString(), values.get(i));
  }

  private void set(PreparedStatement statement, int at, String type, Object value)
      throws SQLException, OracleException {
    if (value == null) statement.setNull(at, nullType(type));
    else if (value instanceof Map) setLob(statement, at, (Map<?, ?>) value);
    else
      switch (type) {
        case "number":
          statement.setBigDecimal(at, new BigDecimal(value.toString()));
          break;
        case "binaryDouble":
          statement.setDouble(at, Double.parseDouble(value.toString()));
          break;
        case "boolean":
          statement.setBoolean(at, (Boolean) value);
          break;
        case "date":
        case "timestamp":
          statement.setObject(at, LocalDateTime.parse(value.toString()));
          break;
        case "timestampTz":
          statement.setObject(at, OffsetDateTime.parse(value.toString()));
          break;
        case "raw":
        case "blob":
          statement.setBytes(at, Base64.getDecoder().decode(value.toString()));
          break;
        default:
          statement.setString(at, value.toString());
      }
  }

  private void setLob(PreparedStatement statement, int at, Map<?, ?> locator) throws SQLException, OracleException {
    Object content = session.lobs().content(((Number) locator.get("lob")).intValue());
    if (content instanceof byte[]) statement.setBytes(at, (byte[]) content);
    else statement.setString(at, (String) content);
  }

  private static int nullType(String type) {
    switch (type) {
      case "number":
        return Types.NUMERIC;
      case "binaryDouble":
        return Types.DOUBLE;
      case "boolean":
        return Types.BOOLEAN;
      case "date":
      case "timestamp":
        return Types.TIMESTAMP;
      case "timestampTz":
        return Types.TIMESTAMP_WITH_TIMEZONE;
      case "raw":
      case "blob":
        return Types.VARBINARY;
      default:
        return Types.VARCHAR;
    }
  }
}
