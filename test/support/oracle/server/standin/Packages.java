package standin;

import java.math.BigDecimal;
import java.util.Map;

/** The supplied packages that blocks may call. */
final class Packages {
  /** What a procedure returns. */
  static final Object PROCEDURE = new Object();

  private static final int EXCLUSIVE = 6;
  private static final BigDecimal MAX_WAIT = BigDecimal.valueOf(32_767);

  private Packages() {}

  /** @param given arguments by name in upper case, or by place as "0", "1", … */
  static Object call(Session session, String packageName, String name, Map<String, Object> given)
      throws OracleException {
    switch (packageName + "." + name) {
      case "DBMS_LOCK.X_MODE":
        return BigDecimal.valueOf(EXCLUSIVE);
      case "DBMS_LOCK.MAXWAIT":
        return MAX_WAIT;
      case "DBMS_LOCK.REQUEST":
        demandLock(session);
        return BigDecimal.valueOf(request(session, given));
      case "DBMS_LOCK.RELEASE":
        demandLock(session);
        return BigDecimal.valueOf(session.instance().locks.release(session, lockId(given)));
      case "DBMS_LOCK.SLEEP":
        demandLock(session);
        return sleep(session, number(given, "0", "SECONDS"));
      case "DBMS_SESSION.SLEEP":
        return sleep(session, number(given, "0", "SECONDS"));
      case "DBMS_SESSION.SET_IDENTIFIER":
        return attribute(session, "clientIdentifier", given, "CLIENT_ID");
      case "DBMS_APPLICATION_INFO.SET_MODULE":
        attribute(session, "module", given, "MODULE_NAME");
        session.settings().update(Map.of("action", String.valueOf(argument(given, "1", "ACTION_NAME", ""))));
        return PROCEDURE;
      case "DBMS_APPLICATION_INFO.SET_ACTION":
        return attribute(session, "action", given, "ACTION_NAME");
      case "DBMS_APPLICATION_INFO.SET_CLIENT_INFO":
        return attribute(session, "clientInfo", given, "CLIENT_INFO");
      default:
        throw OracleException.unsupported(packageName + "." + name);
    }
  }

  /** EXECUTE on DBMS_LOCK is granted to nobody by default, and without it the name is not known. */
  private static void demandLock(Session session) throws OracleException {
    if (!session.user().may("EXECUTE ON DBMS_LOCK"))
      throw new OracleException(
          6550, "line 1, column 7:\nPLS-00201: identifier 'DBMS_LOCK' must be declared");
  }

  private static int request(Session session, Map<String, Object> given) throws OracleException {
    Object mode = argument(given, "1", "LOCKMODE", BigDecimal.valueOf(EXCLUSIVE));
    if (((BigDecimal) mode).intValue() != EXCLUSIVE) throw OracleException.unsupported("a lock mode but X_MODE");
    BigDecimal timeout = (BigDecimal) argument(given, "2", "TIMEOUT", MAX_WAIT);
    boolean releaseOnCommit = (Boolean) argument(given, "3", "RELEASE_ON_COMMIT", false);
    return session.instance().locks.request(session, lockId(given), timeout.doubleValue(), releaseOnCommit);
  }

  private static long lockId(Map<String, Object> given) throws OracleException {
    return (long) number(given, "0", "ID");
  }

  private static Object sleep(Session session, double seconds) throws OracleException {
    long end = System.currentTimeMillis() + (long) (seconds * 1000);
    for (long left; (left = end - System.currentTimeMillis()) > 0; ) {
      session.checkInterrupted();
      try {
        Thread.sleep(Math.min(left, 20));
      } catch (InterruptedException stopped) {
        throw new OracleException(1013, "user requested cancel of current operation");
      }
    }
    return PROCEDURE;
  }

  private static Object attribute(Session session, String attribute, Map<String, Object> given, String name) {
    session.settings().update(Map.of(attribute, String.valueOf(argument(given, "0", name, ""))));
    return PROCEDURE;
  }

  private static double number(Map<String, Object> given, String place, String name) throws OracleException {
    Object value = argument(given, place, name, null);
    if (value == null) throw new OracleException(6502, "PL/SQL: numeric or value error");
    return new BigDecimal(value.toString()).doubleValue();
  }

  private static Object argument(Map<String, Object> given, String place, String name, Object otherwise) {
    Object value = given.containsKey(name) ? given.get(name) : given.get(place);
    return value == null ? otherwise : value;
  }
}
