package standin;

/** Carries an Oracle error out of a function that H2 calls. */
final class OracleFault extends RuntimeException {
  private static final long serialVersionUID = 1L;
  final transient OracleException error;

  OracleFault(int number, String text) {
    super(text);
    error = new OracleException(number, text);
  }
}
