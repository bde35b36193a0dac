import { OracleError } from './oracle-error.js';

/** Something that Oracle refuses. */
export interface Rule {
  readonly errorNum: number;
  /** Oracle's text; `%s` stands for what it names. */
  readonly text: string;
  /** What is wrong, in words; often what other databases take. */
  readonly reason: string;
}

const rule = (errorNum: number, text: string, reason: string): Rule => ({ errorNum, text, reason });

const NOT_ENDED = 'SQL command not properly ended';
const NO_RIGHT_PARENTHESIS = 'missing right parenthesis';

/** Every refusal. The parser names them; where Oracle tells two apart by place, so does it. */
export const RULES = {
  // Characters and literals
  invalidCharacter: rule(911, 'invalid character', 'backticks, %, &, ?, [ ], :: and their kind'),
  singleBar: rule(996, 'the concatenate operator is ||, not |', 'there is no bitwise or'),
  openString: rule(1756, 'quoted string not properly terminated', 'a string that does not end'),
  openName: rule(1740, 'missing double quote in identifier', 'a quoted name that does not end'),
  openComment: rule(1742, 'comment not terminated properly', 'a comment that does not end'),
  emptyName: rule(1741, 'illegal zero-length identifier', 'a name has a character at least'),
  longName: rule(972, 'identifier is too long', 'names have up to 128 bytes'),
  longString: rule(1704, 'string literal too long', 'literals have up to 4000 bytes'),
  tooManyBinds: rule(1745, 'invalid host/bind variable name', 'a statement has up to 65535 binds'),
  bindInDdl: rule(1027, 'bind variables not allowed for data definition operations', 'DDL takes no binds'),
  // Statements
  noStatement: rule(900, 'invalid SQL statement', 'no statement begins so: REPLACE, SHOW, VALUES, START …'),
  notEnded: rule(
    933,
    NOT_ENDED,
    'something follows the statement: LIMIT, ON CONFLICT, ;, AS before an alias',
  ),
  noCreateObject: rule(901, 'invalid CREATE command', 'nothing of that kind can be created'),
  noDropObject: rule(950, 'invalid DROP option', 'nothing of that kind can be dropped'),
  noAlterObject: rule(940, 'invalid ALTER command', 'nothing of that kind can be altered'),
  // Parts that are missing
  missingExpression: rule(936, 'missing expression', 'an operand is missing or is a reserved word'),
  missingRightParenthesis: rule(
    907,
    NO_RIGHT_PARENTHESIS,
    'something stands before the parenthesis that closes',
  ),
  missingLeftParenthesis: rule(906, 'missing left parenthesis', 'a list has to be in parentheses'),
  missingComma: rule(917, 'missing comma', 'two items follow each other'),
  missingKeyword: rule(
    905,
    'missing keyword',
    'a word is missing: WITH RECURSIVE, JOIN without ON, OFFSET without ROWS',
  ),
  missingFrom: rule(
    923,
    'FROM keyword not found where expected',
    'SELECT without FROM, SELECT *, x, FILTER, conditions as values',
  ),
  missingInto: rule(925, 'missing INTO keyword', 'RETURNING has to name binds'),
  missingValues: rule(926, 'missing VALUES keyword', 'INSERT … SET, DEFAULT VALUES'),
  missingSelect: rule(928, 'missing SELECT keyword', 'WITH before anything but a query'),
  missingSet: rule(971, 'missing SET keyword', 'UPDATE of more than one table, AS before its alias'),
  missingEqual: rule(927, 'missing equal sign', 'an assignment without ='),
  missingOn: rule(969, 'missing ON keyword', 'CREATE INDEX IF NOT EXISTS, CREATE INDEX CONCURRENTLY'),
  missingTable: rule(903, 'invalid table name', 'no name stands there, or a reserved word'),
  invalidOption: rule(922, 'missing or invalid option', 'IF NOT EXISTS, ENGINE, AUTO_INCREMENT …'),
  invalidIndexOption: rule(2158, 'invalid CREATE INDEX option', 'partial indexes, INCLUDE, USING'),
  invalidAlterOption: rule(1735, 'invalid ALTER TABLE option', 'ALTER COLUMN, several actions'),
  // Names
  invalidIdentifier: rule(904, '%s: invalid identifier', 'a reserved word as a column'),
  unknownFunction: rule(
    904,
    '%s: invalid identifier',
    'Oracle has no such function: NOW, UUID, IFNULL, DATE_TRUNC …',
  ),
  booleanLiteral: rule(904, '%s: invalid identifier', 'TRUE and FALSE are words since 23ai only'),
  selectedAlias: rule(904, '%s: invalid identifier', 'an alias of the select list is known in ORDER BY only'),
  wrongArgumentCount: rule(909, 'invalid number of arguments', 'the function takes more or fewer arguments'),
  // Conditions
  invalidRelation: rule(
    920,
    'invalid relational operator',
    'a value is no condition: WHERE active, ILIKE, REGEXP',
  ),
  longInList: rule(1795, 'maximum number of expressions in a list is 1000', 'IN takes 1000 values'),
  subqueryOrder: rule(907, NO_RIGHT_PARENTHESIS, 'ORDER BY in a sub-query that is no table and has no FETCH'),
  // Queries
  lockedView: rule(
    2014,
    'cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.',
    'FOR UPDATE with FETCH or OFFSET',
  ),
  lockedSet: rule(
    1786,
    'FOR UPDATE of this query expression is not allowed',
    'FOR UPDATE with DISTINCT, GROUP BY, UNION',
  ),
  recursionWithoutColumns: rule(
    32039,
    'recursive WITH clause must have column alias list',
    'WITH r AS (… FROM r)',
  ),
  // Writing
  mergeKeyUpdate: rule(
    38104,
    'Columns referenced in the ON Clause cannot be updated: %s',
    'MERGE sets a column that it joins by',
  ),
  tooManyValues: rule(913, 'too many values', 'more values than columns'),
  notEnoughValues: rule(947, 'not enough values', 'fewer values than columns'),
  duplicateColumn: rule(957, 'duplicate column name', 'one column twice'),
  // Types and tables
  invalidDatatype: rule(
    902,
    'invalid datatype',
    'text, bigint, boolean, uuid, json, serial, datetime, enum …',
  ),
  longDatatype: rule(
    910,
    'specified length too long for its datatype',
    'VARCHAR2 has up to 4000, CHAR and RAW up to 2000 bytes',
  ),
  datatypeWithoutLength: rule(906, 'missing left parenthesis', 'VARCHAR2 and RAW need a length'),
  zeroLength: rule(1723, 'zero-length columns are not allowed', 'VARCHAR2(0)'),
  numericPrecision: rule(1727, 'numeric precision specifier is out of range (1 to 38)', 'NUMBER(39)'),
  numericScale: rule(1728, 'numeric scale specifier is out of range (-84 to 127)', 'NUMBER(10,200)'),
  secondsPrecision: rule(30088, 'datetime/interval precision is out of range', 'TIMESTAMP(10)'),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** @param what What Oracle's text names, as it would write it. */
export function refuse(name: RuleName, what = ''): never {
  const { errorNum, text, reason } = RULES[name];
  throw new OracleError(errorNum, text.replace('%s', what), reason);
}

/**
 * Oracle would take it, the stand-in cannot: told apart from all that Oracle refuses.
 *
 * @throws OracleError ORA-03001
 */
export function unsupported(what: string): never {
  throw new OracleError(3001, `unimplemented feature (stand-in: ${what})`);
}
