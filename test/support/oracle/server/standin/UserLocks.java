package standin;

import java.util.HashMap;
import java.util.Map;

/** The locks of DBMS_LOCK, exclusive ones only: held by a session until it releases them or ends. */
final class UserLocks {
  static final int SUCCESS = 0;
  static final int TIMEOUT = 1;
  static final int NOT_OWNED = 4;
  static final int ALREADY_OWNED = 4;

  private final Map<Long, Session> owners = new HashMap<>();
  private final Map<Long, Boolean> endsWithTransaction = new HashMap<>();

  /** @return what DBMS_LOCK.REQUEST returns: 0 got it, 1 timed out, 4 had it already */
  synchronized int request(Session session, long id, double timeoutSeconds, boolean releaseOnCommit)
      throws OracleException {
    long deadline = System.currentTimeMillis() + (long) (Math.min(timeoutSeconds, 1e9) * 1000);
    while (true) {
      Session owner = owners.get(id);
      if (owner == session) return ALREADY_OWNED;
      if (owner == null) {
        owners.put(id, session);
        endsWithTransaction.put(id, releaseOnCommit);
        return SUCCESS;
      }
      long left = deadline - System.currentTimeMillis();
      if (left <= 0) return TIMEOUT;
      session.checkInterrupted();
      try {
        // A break or a kill does not notify; the session looks for them between the waits.
        wait(Math.min(left, 50));
      } catch (InterruptedException stopped) {
        throw new OracleException(1013, "user requested cancel of current operation");
      }
    }
  }

  /** @return what DBMS_LOCK.RELEASE returns: 0 released, 4 was not held */
  synchronized int release(Session session, long id) {
    if (owners.get(id) != session) return NOT_OWNED;
    owners.remove(id);
    notifyAll();
    return SUCCESS;
  }

  synchronized void transactionEnded(Session session) {
    owners.entrySet().removeIf(
        (entry) -> entry.getValue() == session && endsWithTransaction.get(entry.getKey()));
    notifyAll();
  }

  synchronized void releaseAll(Session session) {
    owners.values().removeIf((owner) -> owner == session);
    notifyAll();
  }
}
