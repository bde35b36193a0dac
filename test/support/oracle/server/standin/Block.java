package standin;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An anonymous PL/SQL block: declarations of scalar variables, then calls of procedures and functions of
 * the packages in {@link Packages}, their results assigned to variables or binds. All else is refused.
 *
 * <p>Binds are numbered by their first place in the text; `binds` is written to where the block assigns.
 */
final class Block {
  private static final Pattern TOKEN =
      Pattern.compile("\\s+|--[^\n]*|/\\*.*?\\*/|('(?:[^']|'')*'|:=|=>|:\\s*\\w+|\\d+(?:\\.\\d+)?|[\\w$#]+|.)", Pattern.DOTALL);

  /** Words that begin what the stand-in cannot do. */
  private static final Set<String> STATEMENTS =
      Set.of(
          "BEGIN", "CASE", "CLOSE", "COMMIT", "DECLARE", "DELETE", "EXECUTE", "EXIT", "FETCH", "FOR", "FORALL", "GOTO",
          "IF", "INSERT", "LOCK", "LOOP", "MERGE", "OPEN", "RAISE", "RETURN", "ROLLBACK", "SAVEPOINT", "SELECT", "SET",
          "UPDATE", "WHILE", "WITH", "<");

  private final Session session;
  private final List<Object> binds;
  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> bindNumbers = new HashMap<>();
  private final Map<String, Object> variables = new HashMap<>();
  private int at;

  Block(Session session, String sql, List<Object> binds) {
    this.session = session;
    this.binds = binds;
    for (Matcher matcher = TOKEN.matcher(sql); matcher.find(); ) {
      String token = matcher.group(1);
      if (token == null) continue;
      if (token.startsWith(":") && !token.equals(":=") && token.length() > 1) {
        String name = token.substring(1).trim().toUpperCase(Locale.ROOT);
        bindNumbers.putIfAbsent(name, bindNumbers.size());
        token = ":" + name;
      } else if (!token.startsWith("'")) token = token.toUpperCase(Locale.ROOT);
      tokens.add(token);
    }
  }

  void run() throws OracleException {
    if (take("DECLARE")) while (!peek().equals("BEGIN")) declaration();
    expect("BEGIN");
    while (!take("END")) statement();
    if (!peek().equals(";")) at++;
    expect(";");
    if (at < tokens.size()) throw syntax();
  }

  private void declaration() throws OracleException {
    String name = next();
    String type = next();
    if (!type.matches("INTEGER|NUMBER|PLS_INTEGER|BINARY_INTEGER|VARCHAR2")) throw unsupported("the type " + type);
    if (take("(")) while (!take(")")) at++;
    variables.put(name, null);
    if (take(":=")) variables.put(name, expression());
    expect(";");
  }

  private void statement() throws OracleException {
    if (take("NULL")) {
      expect(";");
      return;
    }
    String target = peek();
    if (STATEMENTS.contains(target)) throw unsupported("PL/SQL's " + target);
    if (tokens.size() > at + 1 && tokens.get(at + 1).equals(":=")) {
      at += 2;
      assign(target, expression());
    } else {
      Object result = expression();
      if (result != Packages.PROCEDURE) throw new OracleException(6550, "line 1, column 1:\nPLS-00221: '" + target + "' is not a procedure or is undefined");
    }
    expect(";");
  }

  private void assign(String target, Object value) throws OracleException {
    if (target.startsWith(":")) binds.set(bindNumbers.get(target.substring(1)), value);
    else if (variables.containsKey(target)) variables.put(target, value);
    else throw undeclared(target);
  }

  private Object expression() throws OracleException {
    String token = next();
    if (token.startsWith("'")) return token.substring(1, token.length() - 1).replace("''", "'");
    if (token.equals("-")) return ((BigDecimal) expression()).negate();
    if (Character.isDigit(token.charAt(0))) return new BigDecimal(token);
    if (token.equals("TRUE") || token.equals("FALSE")) return token.equals("TRUE");
    if (token.equals("NULL")) return null;
    if (token.startsWith(":")) return binds.get(bindNumbers.get(token.substring(1)));
    if (variables.containsKey(token)) return variables.get(token);
    if (!peek().equals(".")) throw undeclared(token);
    String packageName = token;
    if (packageName.equals("SYS")) {
      at++;
      packageName = next();
    }
    expect(".");
    return Packages.call(session, packageName, next(), arguments());
  }

  /** Arguments by name, or by place as "0", "1", … */
  private Map<String, Object> arguments() throws OracleException {
    Map<String, Object> given = new HashMap<>();
    if (!take("(")) return given;
    while (!take(")")) {
      take(",");
      String name = Integer.toString(given.size());
      if (tokens.size() > at + 1 && tokens.get(at + 1).equals("=>")) {
        name = next();
        at++;
      }
      given.put(name, expression());
    }
    return given;
  }

  private String peek() throws OracleException {
    if (at >= tokens.size())
      throw new OracleException(6550, "line 1, column 1:\nPLS-00103: Encountered the symbol \"end-of-file\"");
    return tokens.get(at);
  }

  private String next() throws OracleException {
    String token = peek();
    at++;
    return token;
  }

  private boolean take(String token) throws OracleException {
    if (!peek().equals(token)) return false;
    at++;
    return true;
  }

  private void expect(String token) throws OracleException {
    if (at >= tokens.size() || !tokens.get(at).equals(token)) throw syntax();
    at++;
  }

  private OracleException syntax() {
    String found = at < tokens.size() ? tokens.get(at) : "end-of-file";
    return unsupported("PL/SQL with \"" + found + "\" at this place");
  }

  private static OracleException undeclared(String name) {
    return new OracleException(6550, "line 1, column 1:\nPLS-00201: identifier '" + name + "' must be declared");
  }

  private static OracleException unsupported(String what) {
    return OracleException.unsupported(what);
  }
}
