package standin;

import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The LOBs of a session that the client has locators of: temporary ones, and values that were fetched. */
final class Lobs {
  /** A client seldom gives back locators of what it fetched; the oldest values are forgotten. */
  private static final int FETCHED_KEPT = 20_000;

  private final Map<Integer, Object> temporary = new HashMap<>();
  private final Map<Integer, Object> fetched =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Object> eldest) {
          return size() > FETCHED_KEPT;
        }
      };
  private int last;

  int createTemporary(boolean binary) {
    temporary.put(++last, binary ? new byte[0] : "");
    return last;
  }

  /** @param content String or byte[] */
  Map<String, Object> locatorOf(Object content) {
    fetched.put(++last, content);
    return Map.of("lob", last, "length", lengthOf(content));
  }

  void free(int id) {
    temporary.remove(id);
    fetched.remove(id);
  }

  Object content(int id) throws OracleException {
    Object content = temporary.containsKey(id) ? temporary.get(id) : fetched.get(id);
    if (content == null) throw new OracleException(22922, "nonexistent LOB value");
    return content;
  }

  static int lengthOf(Object content) {
    return content instanceof byte[] ? ((byte[]) content).length : ((String) content).length();
  }

  /** @param offset from 1, in characters or bytes */
  Object read(int id, long offset, long amount) throws OracleException {
    Object content = content(id);
    int start = (int) Math.min(offset - 1, lengthOf(content));
    int end = (int) Math.min(start + amount, lengthOf(content));
    if (content instanceof byte[])
      return Base64.getEncoder().encodeToString(java.util.Arrays.copyOfRange((byte[]) content, start, end));
    return ((String) content).substring(start, end);
  }

  void write(int id, long offset, String data) throws OracleException {
    Object content = content(id);
    if (!temporary.containsKey(id)) throw OracleException.unsupported("writing to a LOB of a table");
    int start = (int) offset - 1;
    if (content instanceof byte[]) {
      byte[] added = Base64.getDecoder().decode(data);
      byte[] whole = java.util.Arrays.copyOf((byte[]) content, Math.max(lengthOf(content), start + added.length));
      System.arraycopy(added, 0, whole, start, added.length);
      temporary.put(id, whole);
    } else {
      StringBuilder whole = new StringBuilder((String) content);
      while (whole.length() < start) whole.append(' ');
      temporary.put(id, whole.replace(start, Math.min(whole.length(), start + data.length()), data).toString());
    }
  }

  void trim(int id, long size) throws OracleException {
    Object content = content(id);
    if (!temporary.containsKey(id)) throw OracleException.unsupported("trimming a LOB of a table");
    temporary.put(
        id,
        content instanceof byte[]
            ? java.util.Arrays.copyOf((byte[]) content, (int) size)
            : ((String) content).substring(0, (int) size));
  }
}
