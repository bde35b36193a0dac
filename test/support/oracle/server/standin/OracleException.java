package standin;

/** What Oracle would answer: a number and its text, without `ORA-nnnnn: `. */
final class OracleException extends Exception {
  private static final long serialVersionUID = 1L;
  final int number;

  OracleException(int number, String text) {
    super(text);
    this.number = number;
  }

  /** For what Oracle can and the stand-in cannot; ORA-03001 is Oracle's own "unimplemented feature". */
  static OracleException unsupported(String what) {
    return new OracleException(3001, "unimplemented feature (stand-in: " + what + " is not supported)");
  }
}
