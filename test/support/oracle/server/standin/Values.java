package standin;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Turns rows of H2 into what travels: numbers and times as text, bytes in Base64, null. */
final class Values {
  private static final int MAX_STRING_BYTES = 4000;

  private final Session session;
  private final int[] types;

  Values(Session session, ResultSetMetaData columns) throws SQLException {
    this.session = session;
    types = new int[columns.getColumnCount()];
    for (int i = 0; i < types.length; i++) types[i] = typeOf(columns, i + 1);
  }

  /** JDBC's type, but for DECFLOAT, which is decimal and which JDBC would have as binary. */
  static int typeOf(ResultSetMetaData columns, int i) throws SQLException {
    return columns.getColumnTypeName(i).equals("DECFLOAT") ? Types.NUMERIC : columns.getColumnType(i);
  }

  boolean hasLobs() {
    for (int type : types) if (type == Types.CLOB || type == Types.BLOB) return true;
    return false;
  }

  List<Object> row(ResultSet rows, List<Object> asLocator) throws SQLException, OracleException {
    List<Object> row = new ArrayList<>(types.length);
    for (int i = 0; i < types.length; i++)
      row.add(value(rows, i, i < asLocator.size() && Boolean.TRUE.equals(asLocator.get(i))));
    return row;
  }

  private Object value(ResultSet rows, int at, boolean asLocator) throws SQLException, OracleException {
    int column = at + 1;
    if (rows.getObject(column) == null) return null;
    switch (types[at]) {
      case Types.TIMESTAMP:
        return rows.getObject(column, LocalDateTime.class).toString();
      case Types.DATE:
        return rows.getObject(column, LocalDate.class).atStartOfDay().toString();
      case Types.TIMESTAMP_WITH_TIMEZONE:
        return rows.getObject(column, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC)
            .toLocalDateTime().toString();
      case Types.BINARY:
      case Types.VARBINARY:
        return Base64.getEncoder().encodeToString(rows.getBytes(column));
      case Types.BLOB:
        byte[] bytes = rows.getBytes(column);
        return asLocator ? session.lobs().locatorOf(bytes) : Base64.getEncoder().encodeToString(bytes);
      case Types.CLOB:
        String text = rows.getString(column);
        return asLocator ? session.lobs().locatorOf(text) : text;
      case Types.TINYINT:
      case Types.SMALLINT:
      case Types.INTEGER:
      case Types.BIGINT:
      case Types.NUMERIC:
      case Types.DECIMAL:
      // The intervals have no type of their own in JDBC.
      case Types.OTHER:
        return number(rows, column);
      case Types.DOUBLE:
      case Types.REAL:
      case Types.FLOAT:
        return Double.toString(rows.getDouble(column));
      default:
        return text(rows.getString(column));
    }
  }

  private static String number(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    if (value instanceof org.h2.api.Interval) {
      org.h2.api.Interval interval = (org.h2.api.Interval) value;
      Duration length =
          Duration.ofDays(interval.getDays())
              .plusHours(interval.getHours())
              .plusMinutes(interval.getMinutes())
              .plusNanos(interval.getSecondsAndNanos());
      return Long.toString(length.toNanos());
    }
    BigDecimal number = rows.getBigDecimal(column);
    // Oracle keeps 40 digits at most.
    BigDecimal kept = number.round(new java.math.MathContext(40));
    return kept.signum() == 0 ? "0" : kept.stripTrailingZeros().toPlainString();
  }

  private static String text(String value) throws OracleException {
    if (value.isEmpty()) return null;
    if (value.length() > MAX_STRING_BYTES / 4 && value.getBytes(StandardCharsets.UTF_8).length > MAX_STRING_BYTES)
      throw new OracleException(1489, "result of string concatenation is too long");
    return value;
  }
}
