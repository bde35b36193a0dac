package standin;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/** What all sessions share: users, sessions, user locks, and the statements that were seen. */
final class Instance {
  static final String SERVICE = "DBTOOL_STANDIN";
  static final String ADMIN = "SYSTEM";
  /** Sessions of the stand-in's own tests: what they send says nothing about dbtool. */
  private static final String SELF_TEST = "SELFTEST";

  private static Instance current;

  private final Map<String, User> users = new TreeMap<>();
  private final Map<Integer, Session> sessions = new ConcurrentHashMap<>();
  private final Set<String> statements = new ConcurrentSkipListSet<>();
  private final AtomicInteger sessionIds = new AtomicInteger(100);
  private final AtomicInteger databases = new AtomicInteger();
  final UserLocks locks = new UserLocks();

  Instance(String adminPassword) {
    current = this;
    User admin = new User(ADMIN, adminPassword, databaseName(ADMIN));
    admin.grant("DBA");
    users.put(ADMIN, admin);
  }

  /** For functions that H2 calls: there is one instance in a process. */
  static Instance current() {
    return current;
  }

  String h2Version() {
    return org.h2.engine.Constants.VERSION;
  }

  private String databaseName(String user) {
    return user + "_" + databases.incrementAndGet();
  }

  synchronized User user(String name) {
    return users.get(name);
  }

  synchronized List<User> users() {
    return new ArrayList<>(users.values());
  }

  synchronized User createUser(String name, String password) throws OracleException {
    if (users.containsKey(name))
      throw new OracleException(1920, "user name '" + name + "' conflicts with another user or role name");
    User user = new User(name, password, databaseName(name));
    users.put(name, user);
    return user;
  }

  /** @throws OracleException when the user is connected, has objects and `cascade` is not said, or is none */
  synchronized void dropUser(String name, boolean cascade) throws OracleException, SQLException {
    User user = users.get(name);
    if (user == null) throw new OracleException(1918, "user '" + name + "' does not exist");
    for (Session session : sessions.values())
      if (session.user() == user)
        throw new OracleException(1940, "cannot drop a user that is currently connected");
    if (!cascade && user.hasObjects())
      throw new OracleException(1922, "CASCADE must be specified to drop '" + name + "'");
    users.remove(name);
    // H2 takes its time to close a database, and nobody sees this one any more.
    new Thread(user::close, "drop " + name).start();
  }

  int nextSessionId() {
    return sessionIds.incrementAndGet();
  }

  void register(Session session) {
    sessions.put(session.id(), session);
  }

  void unregister(Session session) {
    sessions.remove(session.id());
    locks.releaseAll(session);
  }

  List<Session> sessions() {
    return new ArrayList<>(sessions.values());
  }

  /** Ends the session whatever it does, and waits until its connection is closed. */
  void disconnect(int id, int serial) throws OracleException {
    Session session = sessions.get(id);
    if (session == null || session.serial() != serial) throw new OracleException(30, "User session ID does not exist.");
    session.kill();
  }

  void collect(Session session, String statement) {
    String name = session.user().name;
    if (!name.equals(ADMIN) && !name.contains(SELF_TEST)) statements.add(statement);
  }

  Set<String> statements() {
    return new TreeSet<>(statements);
  }

  /** A connection to the user's own database. */
  Connection connect(User user) throws SQLException {
    return user.connect();
  }
}
