package standin;

import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** CREATE USER, GRANT and the like: what concerns the instance and not a schema. */
final class UserStatements {
  private static final String NAME = "(\"[^\"]+\"|[\\w$#]+)";
  private static final Pattern ANY =
      Pattern.compile("(?is)^\\s*(CREATE\\s+USER|ALTER\\s+USER|DROP\\s+USER|GRANT|REVOKE|ALTER\\s+SYSTEM)\\b.*");
  private static final Pattern CREATE =
      pattern("CREATE USER " + NAME + " IDENTIFIED BY (\"[^\"]+\"|\\S+)((?: DEFAULT TABLESPACE \\w+| QUOTA \\w+ ON \\w+)*)");
  private static final Pattern QUOTA = pattern("ALTER USER " + NAME + " QUOTA (\\w+) ON \\w+");
  private static final Pattern DROP = pattern("DROP USER " + NAME + "( CASCADE)?");
  private static final Pattern GRANT = pattern("GRANT (.+?) TO " + NAME);
  private static final Pattern REVOKE = pattern("REVOKE (.+?) FROM " + NAME);
  private static final Pattern DISCONNECT =
      pattern("ALTER SYSTEM (?:DISCONNECT|KILL) SESSION '(\\d+)\\s*,\\s*(\\d+)'(?: IMMEDIATE)?");

  private UserStatements() {}

  private static Pattern pattern(String words) {
    return Pattern.compile("(?is)^\\s*" + words.replace(" ", "\\s+") + "\\s*$");
  }

  static boolean isOne(String sql) {
    return ANY.matcher(sql).matches();
  }

  static String catalogueName(String written) {
    return written.startsWith("\"") ? written.substring(1, written.length() - 1) : written.toUpperCase(Locale.ROOT);
  }

  static void run(Session session, String sql) throws OracleException, SQLException {
    Instance instance = session.instance();
    Matcher match;
    // Whoever owns the object, SYS here, grants; the stand-in leaves that to its administrator too.
    session.user().demand("DBA");
    if ((match = CREATE.matcher(sql)).matches()) {
      String password = match.group(2);
      User user =
          instance.createUser(catalogueName(match.group(1)), password.startsWith("\"") ? catalogueName(password) : password);
      if (match.group(3).toUpperCase(Locale.ROOT).contains("QUOTA")) user.grant("QUOTA");
    } else if ((match = QUOTA.matcher(sql)).matches()) user(instance, match.group(1)).grant("QUOTA");
    else if ((match = DROP.matcher(sql)).matches())
      instance.dropUser(catalogueName(match.group(1)), match.group(2) != null);
    else if ((match = GRANT.matcher(sql)).matches()) {
      User user = user(instance, match.group(2));
      for (String privilege : match.group(1).split(",")) user.grant(normal(privilege));
    } else if ((match = REVOKE.matcher(sql)).matches()) {
      User user = user(instance, match.group(2));
      for (String privilege : match.group(1).split(",")) user.revoke(normal(privilege));
    } else if ((match = DISCONNECT.matcher(sql)).matches())
      instance.disconnect(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
    else throw OracleException.unsupported(sql.trim().split("\\s+")[0] + " in this form");
  }

  private static User user(Instance instance, String written) throws OracleException {
    User user = instance.user(catalogueName(written));
    if (user == null) throw new OracleException(1917, "user or role '" + catalogueName(written) + "' does not exist");
    return user;
  }

  /** "execute on sys.dbms_lock" and "EXECUTE ON DBMS_LOCK" are one. */
  private static String normal(String privilege) {
    return privilege.trim().toUpperCase(Locale.ROOT).replaceAll("\\s+", " ").replace("ON SYS.", "ON ");
  }
}
