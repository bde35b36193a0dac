package standin;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as Map, List, String, BigDecimal, Boolean and null. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    return new Json(text).value();
  }

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  private static void append(StringBuilder out, Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) out.append(value);
    else if (value instanceof Map) appendAll(out, ((Map<?, ?>) value).entrySet(), '{', '}');
    else if (value instanceof Collection) appendAll(out, (Collection<?>) value, '[', ']');
    else if (value instanceof Map.Entry) {
      append(out, ((Map.Entry<?, ?>) value).getKey());
      out.append(':');
      append(out, ((Map.Entry<?, ?>) value).getValue());
    } else appendString(out, value.toString());
  }

  private static void appendAll(StringBuilder out, Collection<?> items, char open, char close) {
    out.append(open);
    boolean first = true;
    for (Object item : items) {
      if (!first) out.append(',');
      first = false;
      append(out, item);
    }
    out.append(close);
  }

  private static void appendString(StringBuilder out, String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') out.append('\\').append(c);
      // Half a surrogate pair would not survive UTF-8; as an escape it does.
      else if (c < ' ' || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    out.append('"');
  }

  private char next() {
    while (text.charAt(at) <= ' ') at++;
    return text.charAt(at);
  }

  private Object value() {
    switch (next()) {
      case '{':
        return map();
      case '[':
        return list();
      case '"':
        return string();
      default:
        return word();
    }
  }

  private Map<String, Object> map() {
    Map<String, Object> map = new LinkedHashMap<>();
    at++;
    while (next() != '}') {
      if (text.charAt(at) == ',') {
        at++;
        next();
      }
      String key = string();
      next();
      at++;
      map.put(key, value());
    }
    at++;
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    at++;
    while (next() != ']') {
      if (text.charAt(at) == ',') at++;
      list.add(value());
    }
    at++;
    return list;
  }

  private Object word() {
    int start = at;
    while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) at++;
    String word = text.substring(start, at);
    switch (word) {
      case "null":
        return null;
      case "true":
        return true;
      case "false":
        return false;
      default:
        return new BigDecimal(word);
    }
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    at++;
    for (char c; (c = text.charAt(at++)) != '"'; ) out.append(c == '\\' ? escaped() : c);
    return out.toString();
  }

  private char escaped() {
    char c = text.charAt(at++);
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'u':
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      default:
        return c;
    }
  }
}
