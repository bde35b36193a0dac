package standin;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Oracle types that H2 lacks are domains of the schema SYS, named exactly as Oracle writes the type:
 * SYS."VARCHAR2(200 BYTE)". They are made when DDL first names them.
 */
final class Domains {
  private static final Pattern NAMED = Pattern.compile("SYS\\.\"([^\"]+)\"");
  private static final Pattern TEXT = Pattern.compile("(VARCHAR2|CHAR)\\((\\d+) (BYTE|CHAR)\\)");
  private static final Pattern NATIONAL = Pattern.compile("(NVARCHAR2|NCHAR)\\((\\d+)\\)");
  private static final Pattern LOCAL_TIME = Pattern.compile("TIMESTAMP\\((\\d)\\) WITH LOCAL TIME ZONE");
  private static final int MAX_VARCHAR = 4000;
  private static final int MAX_CHAR = 2000;

  private Domains() {}

  /** The statements that make the domains which `sql` names and which are not there yet. */
  static Set<String> missingFor(Connection connection, String sql) throws SQLException, OracleException {
    Set<String> named = new TreeSet<>();
    for (Matcher matcher = NAMED.matcher(sql); matcher.find(); ) named.add(matcher.group(1));
    if (named.isEmpty()) return Set.of();
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT DOMAIN_NAME FROM INFORMATION_SCHEMA.DOMAINS WHERE DOMAIN_SCHEMA = 'SYS'");
        ResultSet known = statement.executeQuery()) {
      while (known.next()) named.remove(known.getString(1));
    }
    Set<String> missing = new LinkedHashSet<>();
    for (String name : named)
      missing.add("CREATE DOMAIN IF NOT EXISTS SYS.\"" + name + "\" AS " + definition(name));
    return missing;
  }

  private static String definition(String name) throws OracleException {
    Matcher text = TEXT.matcher(name);
    if (text.matches()) {
      boolean fixed = text.group(1).equals("CHAR");
      int size = Integer.parseInt(text.group(2));
      int most = fixed ? MAX_CHAR : MAX_VARCHAR;
      String type = fixed ? "CHARACTER(" : "VARCHAR(";
      if (text.group(3).equals("BYTE")) return type + size + ") CHECK (OCTET_LENGTH(VALUE) <= " + size + ")";
      // H2 counts halves of surrogate pairs, of which a character may have two.
      return (fixed ? type + size : type + Math.min(size * 2, most))
          + ") CHECK (SYS.ORA_CHARACTERS(VALUE) <= " + size + " AND OCTET_LENGTH(VALUE) <= " + most + ")";
    }
    Matcher national = NATIONAL.matcher(name);
    if (national.matches())
      return (national.group(1).equals("NCHAR") ? "CHARACTER(" : "VARCHAR(") + national.group(2) + ")";
    Matcher local = LOCAL_TIME.matcher(name);
    if (local.matches()) return "TIMESTAMP(" + local.group(1) + ") WITH TIME ZONE";
    throw OracleException.unsupported("the type " + name);
  }
}
