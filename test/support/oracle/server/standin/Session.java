package standin;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.h2.jdbc.JdbcConnection;

/**
 * One connection of the driver. A thread reads what comes in, so that a break is seen while another
 * thread works; that one answers request by request.
 */
final class Session {
  /** Stands in the queue for "the client reset the connection". */
  private static final String RESET = "reset";
  private static final String END = "end";
  private static final int DATABASE_CLOSED = 90_121;

  /** By the H2 session, for functions that H2 calls with a connection of its own. */
  private static final Map<Object, Session> BY_CONNECTION = new ConcurrentHashMap<>();

  private final Instance instance;
  private final Socket socket;
  private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final SessionSettings settings = new SessionSettings();
  private final Lobs lobs = new Lobs();
  private TnsWire wire;
  private int id;
  private volatile boolean breaking;
  private volatile boolean killed;
  private volatile Statement running;
  private User user;
  private Connection connection;
  private Executor executor;

  Session(Instance instance, Socket socket) {
    this.instance = instance;
    this.socket = socket;
  }

  /** @return the session that H2 calls a function for, or null for one of the stand-in's own connections */
  static Session of(Connection connection) throws SQLException {
    return BY_CONNECTION.get(connection.unwrap(JdbcConnection.class).getSession());
  }

  int id() {
    return id;
  }

  /** One connection never becomes another, so its serial number never changes. */
  int serial() {
    return id * 7 % 30_000 + 1;
  }

  User user() {
    return user;
  }

  SessionSettings settings() {
    return settings;
  }

  Instance instance() {
    return instance;
  }

  Connection connection() {
    return connection;
  }

  Lobs lobs() {
    return lobs;
  }

  void run() {
    try (socket) {
      wire = new TnsWire(socket);
      if (!wire.accept(Instance.SERVICE)) return;
      Thread worker = new Thread(this::work, "worker");
      worker.setDaemon(true);
      worker.start();
      read();
      killed = true;
      cancel();
      queue.add(END);
      ended.await();
    } catch (IOException | InterruptedException broken) {
      // A client that goes away in mid-packet ends its session like any other.
      if (!killed && !(broken instanceof java.io.EOFException) && !(broken instanceof java.net.SocketException))
        System.err.println("Oracle stand-in: " + broken.getMessage());
      killed = true;
      cancel();
      queue.add(END);
    }
  }

  private void read() throws IOException {
    for (TnsWire.Arrival arrival; (arrival = wire.receive()) != null; ) {
      if (arrival.frame != null) queue.add(arrival.frame);
      else if (arrival.marker == TnsWire.RESET) queue.add(RESET);
      else {
        breaking = true;
        cancel();
        wire.sendMarker(TnsWire.BREAK);
      }
    }
  }

  private void work() {
    try {
      for (String frame; !(frame = queue.take()).equals(END); ) {
        if (frame.equals(RESET)) {
          breaking = false;
          wire.sendMarker(TnsWire.RESET);
          wire.sendFrame(Json.write(failure(new OracleException(1013, "user requested cancel of current operation"))));
        } else if (!breaking) {
          String answer = Json.write(answer(frame));
          // After a break the client waits for the reset alone.
          if (!breaking && !killed) wire.sendFrame(answer);
        }
      }
    } catch (IOException | InterruptedException gone) {
      killed = true;
    } finally {
      end();
    }
  }

  private void end() {
    logOff();
    try {
      socket.close();
    } catch (IOException gone) {
      System.err.println("closing a socket: " + gone.getMessage());
    }
    ended.countDown();
  }

  /** Gives back all that the session holds; once is enough. */
  private void logOff() {
    Connection open = connection;
    connection = null;
    executor = null;
    if (open == null) return;
    try {
      BY_CONNECTION.remove(open.unwrap(JdbcConnection.class).getSession());
      open.rollback();
      open.close();
    } catch (SQLException gone) {
      // The database may have been dropped under the session.
      if (gone.getErrorCode() != DATABASE_CLOSED)
        System.err.println("closing a session: " + gone.getMessage());
    }
    instance.unregister(this);
  }

  /** As ALTER SYSTEM DISCONNECT SESSION … IMMEDIATE; returns when the session has ended. */
  void kill() {
    killed = true;
    cancel();
    queue.add(END);
    try {
      socket.close();
      ended.await(10, TimeUnit.SECONDS);
    } catch (IOException | InterruptedException late) {
      System.err.println("killing a session: " + late.getMessage());
    }
  }

  /** Tells what runs in this session now, so that a break can stop it. */
  void setRunning(Statement statement) {
    running = statement;
  }

  private void cancel() {
    Statement statement = running;
    if (statement == null) return;
    try {
      statement.cancel();
    } catch (SQLException done) {
      // It had ended by itself.
      if (!done.getMessage().contains("closed")) System.err.println("cancel: " + done.getMessage());
    }
  }

  void checkInterrupted() throws OracleException {
    if (breaking || killed) throw new OracleException(1013, "user requested cancel of current operation");
  }

  private Map<String, Object> answer(String frame) {
    try {
      @SuppressWarnings("unchecked")
      Map<String, Object> request = (Map<String, Object>) Json.read(frame);
      Map<String, Object> answer = perform(new Request(request));
      if (executor != null) answer.put("inTransaction", executor.inTransaction());
      return answer;
    } catch (OracleException refused) {
      return failure(refused);
    } catch (SQLException failed) {
      return failure(OracleErrors.translate(failed, this, null));
    } catch (RuntimeException fault) {
      fault.printStackTrace();
      return failure(new OracleException(OracleErrors.UNMAPPED, "stand-in: " + fault));
    }
  }

  private Map<String, Object> failure(OracleException error) {
    Map<String, Object> answer = new HashMap<>();
    answer.put("error", Map.of("number", error.number, "text", error.getMessage()));
    answer.put("inTransaction", executor != null && executor.inTransaction());
    return answer;
  }

  private Map<String, Object> perform(Request request) throws OracleException, SQLException {
    String operation = request.text("op");
    if (operation.equals("hello")) return new HashMap<>();
    if (operation.equals("login")) return login(request);
    if (operation.equals("logoff")) {
      logOff();
      return new HashMap<>();
    }
    if (executor == null) throw new OracleException(1012, "not logged on");
    for (Object cursor : request.list("closeCursors")) executor.closeCursor(((Number) cursor).intValue());
    for (Object lob : request.list("freeLobs")) lobs.free(((Number) lob).intValue());
    settings.update(request.map("attributes"));
    return executor.perform(operation, request);
  }

  private Map<String, Object> login(Request request) throws OracleException, SQLException {
    User found = instance.user(UserStatements.catalogueName(request.text("user")));
    if (found == null || !found.hasPassword(request.text("password")))
      throw new OracleException(1017, "invalid username/password; logon denied");
    if (!found.may("CREATE SESSION"))
      throw new OracleException(1045, "user " + found.name + " lacks CREATE SESSION privilege; logon denied");
    connection = instance.connect(found);
    BY_CONNECTION.put(connection.unwrap(JdbcConnection.class).getSession(), this);
    user = found;
    id = instance.nextSessionId();
    settings.update(request.map("client"));
    executor = new Executor(this);
    SessionStatements.setTimeZone(this, request.text("timeZone"));
    instance.register(this);
    Map<String, Object> answer = new HashMap<>();
    answer.put("sessionId", id);
    answer.put("serial", serial());
    return answer;
  }
}
