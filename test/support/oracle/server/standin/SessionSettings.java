package standin;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What a session was told about itself: by the client, or by ALTER SESSION. */
final class SessionSettings {
  private final Map<String, String> attributes = new ConcurrentHashMap<>();
  /** NLS parameters in upper case. */
  private final Map<String, String> parameters = new TreeMap<>();
  private String timeZone = "UTC";
  private final long logon = System.currentTimeMillis();

  SessionSettings() {
    parameters.put("NLS_LENGTH_SEMANTICS", "BYTE");
    parameters.put("NLS_DATE_FORMAT", "DD-MON-RR");
    parameters.put("NLS_TIMESTAMP_FORMAT", "DD-MON-RR HH.MI.SSXFF AM");
    parameters.put("NLS_TIMESTAMP_TZ_FORMAT", "DD-MON-RR HH.MI.SSXFF AM TZR");
    parameters.put("NLS_NUMERIC_CHARACTERS", ".,");
    parameters.put("NLS_SORT", "BINARY");
    parameters.put("NLS_COMP", "BINARY");
    parameters.put("NLS_LANGUAGE", "AMERICAN");
    parameters.put("NLS_TERRITORY", "AMERICA");
    parameters.put("NLS_CALENDAR", "GREGORIAN");
    parameters.put("NLS_CURRENCY", "$");
    parameters.put("NLS_ISO_CURRENCY", "AMERICA");
    parameters.put("NLS_DATE_LANGUAGE", "AMERICAN");
  }

  void update(Map<String, Object> given) {
    given.forEach((name, value) -> {
      if (value == null) attributes.remove(name);
      else attributes.put(name, value.toString());
    });
  }

  String attribute(String name) {
    return attributes.get(name);
  }

  void setTimeZone(String zone) {
    timeZone = zone;
  }

  String timeZone() {
    return timeZone;
  }

  boolean knows(String parameter) {
    return parameters.containsKey(parameter);
  }

  void setParameter(String name, String value) {
    parameters.put(name, value);
  }

  String parameter(String name) {
    return parameters.get(name);
  }

  Map<String, String> parameters() {
    return new TreeMap<>(parameters);
  }

  long logon() {
    return logon;
  }
}
