package standin;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.function.Consumer;
import org.h2.tools.SimpleResultSet;

/** Tables of the instance, as functions that H2 calls. */
public final class Functions {
  private Functions() {}

  /** USERNAME, USER_ID, CREATED */
  public static ResultSet allUsers() {
    return rows(
        new Object[][] {{"USERNAME", Types.VARCHAR, 128}, {"USER_ID", Types.NUMERIC, 10}, {"CREATED", Types.TIMESTAMP, 0}},
        (result) -> {
          int id = 100;
          for (User user : Instance.current().users()) result.addRow(user.name, id++, new Timestamp(user.created));
        });
  }

  /** The columns of V$SESSION that people ask for. */
  public static ResultSet sessions() {
    return rows(
        new Object[][] {
          {"SID", Types.NUMERIC, 10}, {"SERIAL#", Types.NUMERIC, 10}, {"USERNAME", Types.VARCHAR, 128},
          {"STATUS", Types.VARCHAR, 8}, {"TYPE", Types.VARCHAR, 10}, {"OSUSER", Types.VARCHAR, 128},
          {"MACHINE", Types.VARCHAR, 64}, {"PROGRAM", Types.VARCHAR, 84}, {"MODULE", Types.VARCHAR, 64},
          {"ACTION", Types.VARCHAR, 64}, {"CLIENT_INFO", Types.VARCHAR, 64}, {"CLIENT_IDENTIFIER", Types.VARCHAR, 64},
          {"LOGON_TIME", Types.TIMESTAMP, 0}
        },
        (result) -> {
          for (Session session : Instance.current().sessions()) {
            SessionSettings told = session.settings();
            result.addRow(
                session.id(), session.serial(), session.user().name, "ACTIVE", "USER", told.attribute("osUser"),
                told.attribute("machine"), told.attribute("program"), told.attribute("module"),
                told.attribute("action"), told.attribute("clientInfo"), told.attribute("clientIdentifier"),
                new Timestamp(told.logon()));
          }
        });
  }

  /** PRIVILEGE of the user of this database, as it was granted: "CREATE TABLE", "EXECUTE ON DBMS_LOCK". */
  public static ResultSet privileges(Connection connection) throws SQLException {
    User user = Instance.current().user(connection.getMetaData().getUserName());
    return rows(
        new Object[][] {{"PRIVILEGE", Types.VARCHAR, 128}},
        (result) -> {
          if (user != null) for (String privilege : user.privileges()) result.addRow(privilege);
        });
  }

  /** PARAMETER and VALUE, as the session set them. */
  public static ResultSet parameters(Connection connection) throws SQLException {
    Session session = Session.of(connection);
    SessionSettings settings = session == null ? new SessionSettings() : session.settings();
    return rows(
        new Object[][] {{"PARAMETER", Types.VARCHAR, 128}, {"VALUE", Types.VARCHAR, 64}},
        (result) -> settings.parameters().forEach(result::addRow));
  }

  private static ResultSet rows(Object[][] columns, Consumer<SimpleResultSet> fill) {
    SimpleResultSet result = new SimpleResultSet();
    for (Object[] column : columns)
      result.addColumn((String) column[0], (Integer) column[1], (Integer) column[2], 0);
    fill.accept(result);
    return result;
  }
}
