/** Of a bind, as the driver sends it. */
export type BindType =
  | 'number'
  | 'binaryDouble'
  | 'varchar'
  | 'clob'
  | 'blob'
  | 'raw'
  | 'date'
  | 'timestamp'
  | 'timestampTz'
  | 'boolean';

export interface StatementBind {
  type: BindType;
  /** Whether it stands after RETURNING … INTO. */
  returning: boolean;
}

export interface SessionRules {
  /** Major version of the Oracle server that is stood in for: 19. */
  version: number;
  /** What VARCHAR2(n) counts where the column does not say. */
  lengthSemantics: 'BYTE' | 'CHAR';
}

export interface H2Statement {
  /**
   * Binds are `?1`, `?2` …, numbered in order of appearance without those of RETURNING … INTO. It may be
   * several statements with semicolons between, of DDL.
   */
  sql: string;
  /** Columns of RETURNING … INTO, in catalogue case. */
  returning: string[];
}
