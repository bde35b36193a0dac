package standin;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** JSON_VALUE, JSON_QUERY and JSON_EXISTS over simple paths: names and places, as `$.a."b c"[0]`. */
public final class JsonFunctions {
  private static final Pattern STEP = Pattern.compile("\\G\\s*(?:\\.\\s*(?:\"([^\"]+)\"|([\\w$]+))|\\[\\s*(\\d+)\\s*\\])");
  private static final Object NOTHING = new Object();

  private JsonFunctions() {}

  /** A scalar as text; of anything else null, or an error when that is wanted. */
  public static String value(String document, String path, boolean onError) {
    if (document == null) return null;
    try {
      Object found = find(document, path);
      if (found == NOTHING) throw new OracleFault(40_462, "JSON_VALUE evaluated to no value");
      if (found instanceof Map || found instanceof List)
        throw new OracleFault(40_456, "JSON_VALUE evaluated to non-scalar value");
      if (found instanceof BigDecimal) return ((BigDecimal) found).toPlainString();
      return found == null ? null : found.toString();
    } catch (OracleFault fault) {
      if (onError || fault.error.number == 40_597) throw fault;
      return null;
    }
  }

  /** An object or a list as JSON; of a scalar null, or an error when that is wanted. */
  public static String query(String document, String path, boolean onError) {
    if (document == null) return null;
    try {
      Object found = find(document, path);
      if (found instanceof Map || found instanceof List) return Json.write(found);
      throw new OracleFault(40_480, "result cannot be returned without array wrapper");
    } catch (OracleFault fault) {
      if (onError || fault.error.number == 40_597) throw fault;
      return null;
    }
  }

  public static Boolean exists(String document, String path, boolean onError) {
    if (document == null) return false;
    try {
      return find(document, path) != NOTHING;
    } catch (OracleFault fault) {
      if (onError || fault.error.number == 40_597) throw fault;
      return false;
    }
  }

  private static Object find(String document, String path) {
    Object at;
    try {
      at = Json.read(document);
    } catch (RuntimeException malformed) {
      throw new OracleFault(40_441, "JSON syntax error");
    }
    if (!path.trim().startsWith("$")) throw new OracleFault(40_597, "JSON path expression syntax error ('" + path + "')");
    String steps = path.trim().substring(1);
    Matcher step = STEP.matcher(steps);
    int end = 0;
    while (step.find()) {
      end = step.end();
      at = step.group(3) != null ? element(at, Integer.parseInt(step.group(3))) : member(at, step);
    }
    if (end < steps.length()) throw new OracleFault(40_597, "JSON path expression syntax error ('" + path + "')");
    return at;
  }

  private static Object element(Object of, int index) {
    // Without a list the value itself is its first and only element.
    if (!(of instanceof List)) return index == 0 ? of : NOTHING;
    List<?> list = (List<?>) of;
    return index < list.size() ? list.get(index) : NOTHING;
  }

  private static Object member(Object of, Matcher step) {
    String name = step.group(1) != null ? step.group(1) : step.group(2);
    if (!(of instanceof Map) || !((Map<?, ?>) of).containsKey(name)) return NOTHING;
    return ((Map<?, ?>) of).get(name);
  }
}
