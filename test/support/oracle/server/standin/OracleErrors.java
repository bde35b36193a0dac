package standin;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Oracle would say where H2 fails. */
final class OracleErrors {
  /** For what has no counterpart here: never ORA-00600, on which the driver gives up the connection. */
  static final int UNMAPPED = 20_999;

  private static final int UNIQUE = 23_505;
  private static final int NOT_NULL = 23_502;
  private static final int PARENT_MISSING = 23_506;
  private static final int CHILD_EXISTS = 23_503;
  private static final int CHECK = 23_513;
  private static final int TOO_LONG = 22_001;
  private static final int LOCKED = 50_200;

  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)");
  private static final Pattern INDEX = Pattern.compile("\"(?:[^\".]+\\.)?([^\". ]+) ON ");
  private static final Pattern CONSTRAINT = Pattern.compile("\"([^\":]+): ");
  private static final Pattern TARGET =
      Pattern.compile("(?is)^\\s*(?:INSERT\\s+INTO|UPDATE|MERGE\\s+INTO|DELETE\\s+FROM)\\s+(\"?)([\\w$#]+)\"?");

  private static final Pattern SIZES =
      Pattern.compile("\"([\\w$#]+) [A-Z ]+\\((\\d+)\\).*\\((\\d+)\\)\"", Pattern.DOTALL);
  private static final Pattern SIZED_DOMAIN = Pattern.compile("\\((\\d+) (BYTE|CHAR)\\)");

  private static final Map<Integer, String> PLAIN =
      Map.ofEntries(
          Map.entry(42_102, "942 table or view does not exist"),
          Map.entry(42_103, "942 table or view does not exist"),
          Map.entry(42_104, "942 table or view does not exist"),
          Map.entry(42_101, "955 name is already used by an existing object"),
          Map.entry(42_111, "955 name is already used by an existing object"),
          Map.entry(90_038, "955 name is already used by an existing object"),
          Map.entry(90_035, "955 name is already used by an existing object"),
          Map.entry(90_045, "2264 name already used by an existing constraint"),
          Map.entry(42_112, "1418 specified index does not exist"),
          Map.entry(90_036, "2289 sequence does not exist"),
          Map.entry(90_037, "942 table or view does not exist"),
          Map.entry(90_057, "2443 Cannot drop constraint  - nonexistent constraint"),
          Map.entry(42_121, "957 duplicate column name"),
          Map.entry(21_002, "913 too many values"),
          Map.entry(90_016, "979 not a GROUP BY expression"),
          Map.entry(90_054, "934 group function is not allowed here"),
          Map.entry(90_053, "1427 single-row subquery returns more than one row"),
          Map.entry(22_003, "1438 value larger than specified precision allowed for this column"),
          Map.entry(22_004, "1426 numeric overflow"),
          Map.entry(22_012, "1476 divisor is equal to zero"),
          Map.entry(22_018, "1722 invalid number"),
          Map.entry(22_007, "1843 not a valid month"),
          Map.entry(40_001, "60 deadlock detected while waiting for resource"),
          Map.entry(57_014, "1013 user requested cancel of current operation"),
          Map.entry(90_063, "1086 savepoint never established in this session or is invalid"),
          Map.entry(90_059, "918 column ambiguously defined"),
          Map.entry(90_107, "2449 unique/primary keys in table referenced by foreign keys"),
          Map.entry(90_017, "2260 table can have only one primary key"),
          Map.entry(90_085, "2429 cannot drop index used for enforcement of unique/primary key"),
          Map.entry(90_083, "12992 cannot drop parent key column"),
          Map.entry(90_084, "12983 cannot drop all columns in a table"),
          Map.entry(90_154, "32795 cannot insert into a generated always identity column"),
          Map.entry(90_087, "909 invalid number of arguments"),
          Map.entry(7_001, "909 invalid number of arguments"),
          Map.entry(42_000, "900 invalid SQL statement"),
          Map.entry(42_001, "900 invalid SQL statement"));

  private OracleErrors() {}

  static OracleException translate(SQLException failed, Session session, Request request) {
    return translate(failed, session, request, null, 0);
  }

  /** @param binds the values that were tried, of which row `row`; or null */
  static OracleException translate(SQLException failed, Session session, Request request, Binds binds, int row) {
    String owner = session.user() == null ? "" : session.user().name;
    String message = failed.getMessage().replaceFirst("(?s); SQL statement:.*", "");
    switch (failed.getErrorCode()) {
      case UNIQUE:
        return new OracleException(
            1, "unique constraint (" + owner + "." + uniqueName(message, session) + ") violated");
      case NOT_NULL:
        return notNull(owner, find(QUOTED, message), request);
      case PARENT_MISSING:
        return new OracleException(
            2291, "integrity constraint (" + owner + "." + find(CONSTRAINT, message) + ") violated - parent key not found");
      case CHILD_EXISTS:
        return new OracleException(
            2292, "integrity constraint (" + owner + "." + find(CONSTRAINT, message) + ") violated - child record found");
      case CHECK:
        if (message.contains("OCTET_LENGTH(VALUE)")) return tooManyBytes(session, request, binds, row);
        return new OracleException(2290, "check constraint (" + owner + "." + find(CONSTRAINT, message) + ") violated");
      case TOO_LONG:
        if (message.contains(" NUMERIC("))
          return new OracleException(1438, "value larger than specified precision allowed for this column");
        return tooLong(owner, message, session, request, binds, row);
      case 42_122:
        return new OracleException(904, "\"" + find(QUOTED, message) + "\": invalid identifier");
      case 90_022:
        return new OracleException(904, "\"" + find(QUOTED, message) + "\": invalid identifier");
      case LOCKED:
        return new OracleException(54, "resource busy and acquire with NOWAIT specified or timeout expired");
      default:
        return plain(failed);
    }
  }

  private static OracleException plain(SQLException failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause())
      if (cause instanceof OracleFault) return ((OracleFault) cause).error;
    String known = PLAIN.get(failed.getErrorCode());
    String detail = failed.getMessage().replaceAll("\\s+", " ");
    if (known == null)
      return new OracleException(UNMAPPED, "stand-in: unmapped H2 " + failed.getErrorCode() + ": " + detail);
    int space = known.indexOf(' ');
    String text = known.substring(space + 1);
    return new OracleException(Integer.parseInt(known.substring(0, space)), text + " [stand-in: H2 says " + detail + "]");
  }

  /** H2 names the index; Oracle the constraint that it serves. */
  private static String uniqueName(String message, Session session) {
    String index = find(INDEX, message);
    String sql = "SELECT CONSTRAINT_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE INDEX_NAME = ?";
    try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setString(1, index);
      try (ResultSet found = statement.executeQuery()) {
        return found.next() ? found.getString(1) : index;
      }
    } catch (SQLException unknown) {
      return index;
    }
  }

  private static OracleException notNull(String owner, String column, Request request) {
    boolean update = request != null && request.text("sql").matches("(?is)\\s*UPDATE\\b.*");
    String place = "(\"" + owner + "\".\"" + target(request) + "\".\"" + column + "\")";
    return update
        ? new OracleException(1407, "cannot update " + place + " to NULL")
        : new OracleException(1400, "cannot insert NULL into " + place);
  }

  private static OracleException tooLong(
      String owner, String message, Session session, Request request, Binds binds, int row) {
    if (binds != null && binds.hasLong(row)) return Binds.tooLong();
    Matcher sizes = SIZES.matcher(message);
    String table = "\"" + owner + "\".\"" + target(request) + "\"";
    if (!sizes.find()) return new OracleException(12899, "value too large for column of " + table);
    // Of a column in characters H2 has room for twice as many.
    OracleException exact = tooLongFor(session, request, binds, row);
    if (exact != null) return exact;
    return tooLarge(table + ".\"" + sizes.group(1) + "\"", sizes.group(3), sizes.group(2));
  }

  /** H2 does not tell which column's domain it was: the bind that is too long for its column tells. */
  private static OracleException tooManyBytes(Session session, Request request, Binds binds, int row) {
    if (binds != null && binds.hasLong(row)) return Binds.tooLong();
    OracleException exact = tooLongFor(session, request, binds, row);
    if (exact != null) return exact;
    String place = "\"" + session.user().name + "\".\"" + target(request) + "\"";
    return new OracleException(12899, "value too large for column of " + place);
  }

  /** @return null when no bind can be told to be too long */
  private static OracleException tooLongFor(Session session, Request request, Binds binds, int row) {
    if (binds == null) return null;
    String table = target(request);
    String place = "\"" + session.user().name + "\".\"" + table + "\"";
    String sql =
        "SELECT COLUMN_NAME, DOMAIN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = ? AND DOMAIN_NAME LIKE '%)'";
    try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
      statement.setString(1, table);
      try (ResultSet columns = statement.executeQuery()) {
        while (columns.next()) {
          Matcher domain = SIZED_DOMAIN.matcher(columns.getString(2));
          if (!domain.find()) continue;
          int actual = binds.lengthFor(columns.getString(1), row, domain.group(2).equals("BYTE"));
          int maximum = Integer.parseInt(domain.group(1));
          if (actual > maximum)
            return tooLarge(
                place + ".\"" + columns.getString(1) + "\"", Integer.toString(actual), Integer.toString(maximum));
        }
      }
    } catch (SQLException unknown) {
      System.err.println("looking for a column: " + unknown.getMessage());
    }
    return null;
  }

  private static OracleException tooLarge(String column, String actual, String maximum) {
    return new OracleException(
        12899, "value too large for column " + column + " (actual: " + actual + ", maximum: " + maximum + ")");
  }

  private static String target(Request request) {
    Matcher matcher = TARGET.matcher(request == null ? "" : request.text("sql"));
    if (!matcher.find()) return "?";
    return matcher.group(1).isEmpty() ? matcher.group(2).toUpperCase(Locale.ROOT) : matcher.group(2);
  }

  private static String find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "?";
  }

  /** Errors that end the statement even where errors of rows are collected. */
  static boolean endsBatch(OracleException error) {
    return error.number == 1013 || error.number == 60 || error.number == UNMAPPED || error.number == 942;
  }
}
