package standin;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells a query's columns as Oracle describes them. A column of a table has its declared type; what is
 * computed is a NUMBER without precision, as on Oracle.
 */
final class ColumnTypes {
  private static final int NO_SCALE = -127;
  private static final Pattern SIZED = Pattern.compile("^(\\w+)\\((\\d+)(?: (BYTE|CHAR))?\\)(.*)$");

  private final Session session;
  /** Oracle types of columns, by table; the catalogue changes with DDL of this session, or of another. */
  private final Map<String, Map<String, String>> tables = new HashMap<>();

  ColumnTypes(Session session) {
    this.session = session;
  }

  void forget() {
    tables.clear();
  }

  List<Map<String, Object>> describe(ResultSetMetaData metaData) throws SQLException, OracleException {
    List<Map<String, Object>> columns = new ArrayList<>();
    tables.clear();
    for (int i = 1; i <= metaData.getColumnCount(); i++) {
      Map<String, Object> column = new HashMap<>();
      column.put("name", metaData.getColumnLabel(i));
      column.put("nullable", metaData.isNullable(i) != ResultSetMetaData.columnNoNulls);
      String declared = declared(metaData, i);
      if (declared == null) computed(column, metaData, i);
      else stated(column, declared, metaData, i);
      columns.add(column);
    }
    return columns;
  }

  /** @return the domain of a table's column, which is named after the Oracle type; null for anything else */
  private String declared(ResultSetMetaData metaData, int i) throws SQLException {
    String table = metaData.getTableName(i);
    if (table == null || table.isEmpty()) return null;
    String key = metaData.getSchemaName(i) + "." + table;
    Map<String, String> types = tables.get(key);
    if (types == null) {
      types = read(metaData.getSchemaName(i), table);
      tables.put(key, types);
    }
    return types.get(metaData.getColumnName(i));
  }

  private Map<String, String> read(String schema, String table) throws SQLException {
    Map<String, String> types = new HashMap<>();
    String sql =
        "SELECT COLUMN_NAME, COALESCE(DOMAIN_NAME, DATA_TYPE) FROM INFORMATION_SCHEMA.COLUMNS"
            + " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";
    try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) types.put(rows.getString(1), rows.getString(2));
      }
    }
    return types;
  }

  private static void stated(Map<String, Object> column, String declared, ResultSetMetaData metaData, int i)
      throws SQLException, OracleException {
    Matcher sized = SIZED.matcher(declared);
    if (!sized.matches()) {
      computed(column, metaData, i);
      if (declared.equals("NUMERIC")) setNumber(column, metaData.getPrecision(i), metaData.getScale(i));
      if (declared.equals("INTEGER")) setNumber(column, 38, 0);
      if (declared.equals("DATE")) column.put("type", "DATE");
      return;
    }
    int size = Integer.parseInt(sized.group(2));
    String name = sized.group(1) + sized.group(4);
    column.put("precision", size);
    switch (name) {
      case "VARCHAR2":
        setText(column, "VARCHAR", size, sized.group(3));
        break;
      case "CHAR":
        setText(column, "CHAR", size, sized.group(3));
        break;
      case "NVARCHAR2":
        column.put("type", "NVARCHAR");
        column.put("size", size);
        break;
      case "TIMESTAMP WITH LOCAL TIME ZONE":
        column.put("type", "TIMESTAMP_LTZ");
        break;
      default:
        computed(column, metaData, i);
    }
  }

  private static void setText(Map<String, Object> column, String type, int size, String unit) {
    column.put("type", type);
    column.put("size", "CHAR".equals(unit) ? Math.min(size * 4, 4000) : size);
  }

  private static void setNumber(Map<String, Object> column, int precision, int scale) {
    column.put("type", "NUMBER");
    column.put("precision", precision);
    column.put("scale", scale);
  }

  private static void computed(Map<String, Object> column, ResultSetMetaData metaData, int i)
      throws SQLException, OracleException {
    String name = metaData.getColumnTypeName(i);
    switch (Values.typeOf(metaData, i)) {
      case Types.TINYINT:
      case Types.SMALLINT:
      case Types.INTEGER:
      case Types.BIGINT:
      case Types.NUMERIC:
      case Types.DECIMAL:
        setNumber(column, 0, NO_SCALE);
        break;
      case Types.DOUBLE:
        column.put("type", "BINARY_DOUBLE");
        break;
      case Types.REAL:
      case Types.FLOAT:
        column.put("type", name.equals("REAL") ? "BINARY_FLOAT" : "BINARY_DOUBLE");
        break;
      case Types.DATE:
        column.put("type", "DATE");
        break;
      case Types.TIMESTAMP:
        column.put("type", metaData.getScale(i) == 0 ? "DATE" : "TIMESTAMP");
        column.put("precision", metaData.getScale(i));
        break;
      case Types.TIMESTAMP_WITH_TIMEZONE:
        column.put("type", "TIMESTAMP_TZ");
        column.put("precision", metaData.getScale(i));
        break;
      case Types.BINARY:
      case Types.VARBINARY:
        column.put("type", "RAW");
        column.put("size", Math.min(metaData.getPrecision(i), 2000));
        break;
      case Types.CLOB:
        column.put("type", "CLOB");
        break;
      case Types.BLOB:
        column.put("type", "BLOB");
        break;
      case Types.CHAR:
        column.put("type", "CHAR");
        column.put("size", Math.min(metaData.getPrecision(i), 2000));
        break;
      case Types.VARCHAR:
      case Types.NULL:
        column.put("type", "VARCHAR");
        column.put("size", Math.min(Math.max(metaData.getPrecision(i), 1), 4000));
        break;
      default:
        other(column, name);
    }
  }

  private static void other(Map<String, Object> column, String name) throws OracleException {
    if (name.startsWith("INTERVAL")) column.put("type", "INTERVAL_DS");
    else throw OracleException.unsupported("a column of H2's type " + name);
  }
}
