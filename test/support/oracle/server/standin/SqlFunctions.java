package standin;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Oracle's functions that H2 lacks, or has otherwise. Null in, null out, where it is not said. */
public final class SqlFunctions {
  private static final long NANOS = 1_000_000_000L;

  private SqlFunctions() {}

  // ---- the session

  public static String user(Connection connection) throws SQLException {
    return connection.getMetaData().getUserName();
  }

  /** The zone as ALTER SESSION set it. */
  public static String sessionTimeZone(Connection connection) throws SQLException {
    Session session = Session.of(connection);
    return session == null ? "+00:00" : session.settings().timeZone();
  }

  public static String sysContext(Connection connection, String namespace, String name) throws SQLException {
    if (!"USERENV".equalsIgnoreCase(namespace)) return null;
    Session session = Session.of(connection);
    String user = user(connection);
    switch (name.toUpperCase(Locale.ROOT)) {
      case "DB_NAME":
      case "CON_NAME":
      case "DB_UNIQUE_NAME":
        return "STANDIN";
      case "INSTANCE_NAME":
        return "standin";
      case "SERVICE_NAME":
        return Instance.SERVICE;
      case "CURRENT_SCHEMA":
      case "CURRENT_USER":
      case "SESSION_USER":
        return user;
      case "SID":
      case "SESSIONID":
        return session == null ? null : Integer.toString(session.id());
      case "MODULE":
        return session == null ? null : session.settings().attribute("module");
      case "ACTION":
        return session == null ? null : session.settings().attribute("action");
      case "CLIENT_INFO":
        return session == null ? null : session.settings().attribute("clientInfo");
      case "CLIENT_IDENTIFIER":
        return session == null ? null : session.settings().attribute("clientIdentifier");
      case "NLS_DATE_FORMAT":
        return session == null ? null : session.settings().parameter("NLS_DATE_FORMAT");
      case "LANGUAGE":
        return "AMERICAN_AMERICA.AL32UTF8";
      default:
        throw new OracleFault(2003, "invalid USERENV parameter");
    }
  }

  // ---- moments

  /** TRUNC(date, format) */
  public static LocalDateTime trunc(LocalDateTime moment, String format) {
    if (moment == null || format == null) return null;
    LocalDateTime day = moment.truncatedTo(ChronoUnit.DAYS);
    switch (format.toUpperCase(Locale.ROOT)) {
      case "MI":
        return moment.truncatedTo(ChronoUnit.MINUTES);
      case "HH":
      case "HH12":
      case "HH24":
        return moment.truncatedTo(ChronoUnit.HOURS);
      case "DD":
      case "DDD":
      case "J":
        return day;
      case "DAY":
      case "DY":
      case "D":
        return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
      case "IW":
        return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case "WW":
        return day.minusDays((day.getDayOfYear() - 1) % 7);
      case "W":
        return day.minusDays((day.getDayOfMonth() - 1) % 7);
      case "MM":
      case "MON":
      case "MONTH":
      case "RM":
        return day.withDayOfMonth(1);
      case "Q":
        return day.withDayOfMonth(1).withMonth((day.get(IsoFields.QUARTER_OF_YEAR) - 1) * 3 + 1);
      case "Y":
      case "YY":
      case "YYY":
      case "YYYY":
      case "SYYYY":
      case "YEAR":
      case "SYEAR":
        return day.withDayOfYear(1);
      case "IYYY":
      case "IY":
      case "I":
        return day.with(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 1).with(DayOfWeek.MONDAY);
      case "CC":
        return day.withDayOfYear(1).withYear((day.getYear() - 1) / 100 * 100 + 1);
      default:
        throw new OracleFault(1898, "too many precision specifiers");
    }
  }

  /** What a clock in the value's own zone shows. */
  public static LocalDateTime wallTime(OffsetDateTime moment) {
    return moment == null ? null : moment.toLocalDateTime();
  }

  /** The last day of a month stays the last day. */
  public static LocalDateTime addMonths(LocalDateTime moment, BigDecimal months) {
    if (moment == null || months == null) return null;
    LocalDateTime moved = moment.plusMonths(months.intValue());
    boolean wasLast = moment.getDayOfMonth() == moment.toLocalDate().lengthOfMonth();
    return wasLast ? moved.with(TemporalAdjusters.lastDayOfMonth()) : moved;
  }

  public static LocalDateTime lastDay(LocalDateTime moment) {
    return moment == null ? null : moment.with(TemporalAdjusters.lastDayOfMonth());
  }

  public static LocalDateTime nextDay(LocalDateTime moment, String name) {
    if (moment == null || name == null) return null;
    for (DayOfWeek day : DayOfWeek.values()) {
      String full = day.getDisplayName(TextStyle.FULL, Locale.ENGLISH);
      if (full.equalsIgnoreCase(name) || full.substring(0, 3).equalsIgnoreCase(name))
        return moment.with(TemporalAdjusters.next(day));
    }
    throw new OracleFault(1846, "not a valid day of the week");
  }

  /** Months of 31 days, and whole ones between like days or last days. */
  public static BigDecimal monthsBetween(LocalDateTime later, LocalDateTime earlier) {
    if (later == null || earlier == null) return null;
    long months = (later.getYear() - earlier.getYear()) * 12L + later.getMonthValue() - earlier.getMonthValue();
    boolean bothLast =
        later.getDayOfMonth() == later.toLocalDate().lengthOfMonth()
            && earlier.getDayOfMonth() == earlier.toLocalDate().lengthOfMonth();
    if (later.getDayOfMonth() == earlier.getDayOfMonth() || bothLast) return BigDecimal.valueOf(months);
    long seconds =
        (later.getDayOfMonth() - earlier.getDayOfMonth()) * 86_400L
            + later.toLocalTime().toSecondOfDay()
            - earlier.toLocalTime().toSecondOfDay();
    return BigDecimal.valueOf(months)
        .add(BigDecimal.valueOf(seconds).divide(BigDecimal.valueOf(31L * 86_400), 38, RoundingMode.HALF_UP));
  }

  public static OffsetDateTime fromTz(LocalDateTime moment, String zone) {
    return moment == null || zone == null ? null : moment.atZone(java.time.ZoneId.of(zone)).toOffsetDateTime();
  }

  public static LocalDateTime extractUtc(OffsetDateTime moment) {
    return moment == null ? null : moment.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime();
  }

  /** NUMTODSINTERVAL as text, to be cast: H2 takes no intervals from functions. */
  public static String dsIntervalText(BigDecimal number, String unit) {
    if (number == null || unit == null) return null;
    long seconds;
    switch (unit.trim().toUpperCase(Locale.ROOT)) {
      case "DAY":
        seconds = 86_400;
        break;
      case "HOUR":
        seconds = 3600;
        break;
      case "MINUTE":
        seconds = 60;
        break;
      case "SECOND":
        seconds = 1;
        break;
      default:
        throw new OracleFault(1760, "illegal argument for function");
    }
    BigDecimal exact = number.multiply(BigDecimal.valueOf(seconds * NANOS)).setScale(0, RoundingMode.HALF_UP);
    long nanos = exact.abs().longValue();
    long whole = nanos / NANOS;
    return String.format(
        "%s%d %02d:%02d:%02d.%09d",
        exact.signum() < 0 ? "-" : "", whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60, nanos % NANOS);
  }

  /** NUMTOYMINTERVAL as text, to be cast. */
  public static String ymIntervalText(BigDecimal number, String unit) {
    if (number == null || unit == null) return null;
    boolean years = unit.trim().equalsIgnoreCase("YEAR");
    if (!years && !unit.trim().equalsIgnoreCase("MONTH")) throw new OracleFault(1760, "illegal argument for function");
    long months = number.multiply(BigDecimal.valueOf(years ? 12 : 1)).setScale(0, RoundingMode.HALF_UP).longValue();
    return (months < 0 ? "-" : "") + Math.abs(months) / 12 + "-" + Math.abs(months) % 12;
  }

  /** ROUND(date, format): up from the middle of what the format names. */
  public static LocalDateTime round(LocalDateTime moment, String format) {
    if (moment == null || format == null) return null;
    LocalDateTime down = trunc(moment, format);
    LocalDateTime middle;
    LocalDateTime up;
    switch (format.toUpperCase(Locale.ROOT)) {
      case "MI":
        up = down.plusMinutes(1);
        middle = down.plusSeconds(30);
        break;
      case "HH":
      case "HH12":
      case "HH24":
        up = down.plusHours(1);
        middle = down.plusMinutes(30);
        break;
      case "DD":
      case "DDD":
      case "J":
        up = down.plusDays(1);
        middle = down.plusHours(12);
        break;
      case "MM":
      case "MON":
      case "MONTH":
        up = down.plusMonths(1);
        middle = down.plusDays(15);
        break;
      case "YYYY":
      case "YEAR":
        up = down.plusYears(1);
        middle = down.plusMonths(6);
        break;
      default:
        throw new OracleFault(3001, "unimplemented feature (stand-in: ROUND of a date to " + format + ")");
    }
    return moment.isBefore(middle) ? down : up;
  }

  // ---- texts

  /** SUBSTRB: characters that are cut in two become blanks. */
  public static String substrBytes(String text, BigDecimal from, BigDecimal length) {
    if (text == null || from == null || length == null) return null;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int start = from.intValue() > 0 ? from.intValue() - 1 : bytes.length + from.intValue();
    if (start < 0 || start >= bytes.length || length.intValue() < 1) return null;
    int end = Math.min(start + length.intValue(), bytes.length);
    return new String(bytes, start, end - start, StandardCharsets.UTF_8).replace("\ufffd", " ");
  }

  public static String substrBytes(String text, BigDecimal from) {
    return substrBytes(text, from, BigDecimal.valueOf(Integer.MAX_VALUE / 2));
  }

  /** STANDARD_HASH; SHA1 where no method is said. */
  public static byte[] standardHash(String text, String method) {
    if (text == null) return null;
    String name = method.toUpperCase(Locale.ROOT).replaceFirst("^SHA(\\d)", "SHA-$1");
    try {
      return java.security.MessageDigest.getInstance(name).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.NoSuchAlgorithmException unknown) {
      throw new OracleFault(905, "missing keyword");
    }
  }

  public static byte[] standardHash(String text) {
    return standardHash(text, "SHA1");
  }

  /** INSTR(text, part[, from[, occurrence]]); a negative `from` searches backwards. */
  public static BigDecimal instr(String text, String part, BigDecimal from, BigDecimal occurrence) {
    if (text == null || part == null || from == null || occurrence == null) return null;
    int start = from.intValue();
    int found = start > 0 ? start - 2 : text.length() + start + 1;
    for (int i = occurrence.intValue(); i > 0; i--) {
      found = start > 0 ? text.indexOf(part, found + 1) : text.lastIndexOf(part, found - 1);
      if (found < 0) return BigDecimal.ZERO;
    }
    return BigDecimal.valueOf(found + 1L);
  }

  public static BigDecimal instr(String text, String part, BigDecimal from) {
    return instr(text, part, from, BigDecimal.ONE);
  }

  public static BigDecimal instr(String text, String part) {
    return instr(text, part, BigDecimal.ONE, BigDecimal.ONE);
  }

  public static String initCap(String text) {
    if (text == null) return null;
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (char c : text.toCharArray()) {
      out.append(inside ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inside = Character.isLetterOrDigit(c);
    }
    return out.toString();
  }

  public static BigDecimal lengthInBytes(String text) {
    return text == null ? null : BigDecimal.valueOf(text.getBytes(StandardCharsets.UTF_8).length);
  }

  /** Characters, of which H2 counts those beyond 16 bits as two. */
  public static BigDecimal characters(String text) {
    return text == null ? null : BigDecimal.valueOf(text.codePointCount(0, text.length()));
  }

  public static BigDecimal regexpCount(String text, String pattern) {
    if (text == null || pattern == null) return null;
    int count = 0;
    for (Matcher matcher = Pattern.compile(pattern).matcher(text); matcher.find(); ) count++;
    return BigDecimal.valueOf(count);
  }

  public static BigDecimal regexpInstr(String text, String pattern) {
    if (text == null || pattern == null) return null;
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return BigDecimal.valueOf(matcher.find() ? matcher.start() + 1L : 0L);
  }

  // ---- numbers

  /** The remainder by the nearest multiple, where MOD takes the one towards zero. */
  public static BigDecimal remainder(BigDecimal number, BigDecimal divisor) {
    if (number == null || divisor == null) return null;
    if (divisor.signum() == 0) throw new OracleFault(1476, "divisor is equal to zero");
    return number.subtract(divisor.multiply(number.divide(divisor, 0, RoundingMode.HALF_EVEN)));
  }

  public static Double nanvl(Double number, Double otherwise) {
    if (number == null || otherwise == null) return null;
    return number.isNaN() ? otherwise : number;
  }

  /** TO_NUMBER(text) without a format */
  public static BigDecimal toNumber(String text) {
    if (text == null) return null;
    try {
      return new BigDecimal(text.trim());
    } catch (NumberFormatException wrong) {
      throw new OracleFault(1722, "invalid number");
    }
  }

  /** TO_NUMBER with a format: its grouping and currency are left out. */
  public static BigDecimal toNumber(String text, String format) {
    if (text == null || format == null) return null;
    String digits = text.trim().replaceAll("[,$ ]", "");
    int allowed = format.replaceAll("[^09]", "").length();
    if (digits.replaceAll("\\D", "").length() > allowed) throw new OracleFault(1722, "invalid number");
    return toNumber(digits);
  }

  // ---- LOBs

  /** DBMS_LOB.COMPARE: -1, 0 or 1 */
  public static BigDecimal lobCompare(String one, String other) {
    return one == null || other == null ? null : BigDecimal.valueOf(Integer.signum(one.compareTo(other)));
  }

  public static BigDecimal lobLength(String lob) {
    return lob == null ? null : BigDecimal.valueOf(lob.length());
  }

  public static String lobSubstr(String lob) {
    return lobSubstr(lob, BigDecimal.valueOf(32_767), BigDecimal.ONE);
  }

  public static String lobSubstr(String lob, BigDecimal amount) {
    return lobSubstr(lob, amount, BigDecimal.ONE);
  }

  public static String lobSubstr(String lob, BigDecimal amount, BigDecimal offset) {
    if (lob == null || amount == null || offset == null) return null;
    int start = Math.min(offset.intValue() - 1, lob.length());
    return lob.substring(start, Math.min(start + amount.intValue(), lob.length()));
  }
}
