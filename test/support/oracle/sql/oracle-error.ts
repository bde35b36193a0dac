/** An error as Oracle words it: `ORA-00942: table or view does not exist`. */
export class OracleError extends Error {
  override readonly name = 'OracleError';

  /**
   * @param text What follows the number.
   * @param reason What is wrong, in words of ours.
   */
  constructor(
    readonly errorNum: number,
    text: string,
    readonly reason = text,
  ) {
    super(`ORA-${String(errorNum).padStart(5, '0')}: ${text}`);
  }
}
