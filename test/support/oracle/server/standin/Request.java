package standin;

import java.util.List;
import java.util.Map;

/** What the driver asks for; a part that is not there is empty. */
final class Request {
  private final Map<String, Object> parts;

  Request(Map<String, Object> parts) {
    this.parts = parts;
  }

  String text(String name) {
    Object part = parts.get(name);
    return part == null ? "" : part.toString();
  }

  int number(String name) {
    Object part = parts.get(name);
    return part == null ? 0 : ((Number) part).intValue();
  }

  boolean flag(String name) {
    return Boolean.TRUE.equals(parts.get(name));
  }

  Object part(String name) {
    return parts.get(name);
  }

  @SuppressWarnings("unchecked")
  List<Object> list(String name) {
    Object part = parts.get(name);
    return part == null ? List.of() : (List<Object>) part;
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> map(String name) {
    Object part = parts.get(name);
    return part == null ? Map.of() : (Map<String, Object>) part;
  }
}
