import type { ValueType } from './data-types.js';

/*
 * Functions that H2 lacks are the server's. Those that it lacks altogether have Oracle's name there:
 * FROM_TZ INITCAP LAST_DAY LENGTHB MONTHS_BETWEEN NANVL NEXT_DAY  REGEXP_COUNT REGEXP_INSTR REMAINDER STANDARD_HASH SUBSTRB SYS_CONTEXT SYS_EXTRACT_UTC TO_DSINTERVAL
 * TO_NUMBER TO_YMINTERVAL VSIZE, DBMS_LOB.COMPARE GETLENGTH INSTR SUBSTR (a schema). Those that H2 has with
 * another meaning, and helpers:
 *
 *   ORA_TRUNC(timestamp, format)                    the DATE
 *   ORA_ADD_MONTHS(timestamp, n)                    with its time of day
 *   ORA_INSTR(text, part [, from [, which]])
 *   ORA_WALL_TIME(timestamp with time zone)         what a clock shows in its own zone, without the zone
 *   ORA_USER(), ORA_SESSIONTIMEZONE()
 *   ORA_JSON_VALUE(document, path, errors)          a scalar as text; else NULL, or an error where `errors`
 *   ORA_JSON_QUERY(document, path, errors)          an object or array as text; else NULL or an error
 *   ORA_JSON_EXISTS(document, path, errors)         a boolean
 */

/** A built-in function of Oracle. */
export interface BuiltIn {
  readonly min: number;
  readonly max: number;
  readonly value: ValueType;
  /** H2's name, where it is another. */
  readonly h2?: string;
  /** `aggregate` may take DISTINCT and OVER, `analytic` needs OVER, `ordered` needs WITHIN GROUP. */
  readonly kind: 'scalar' | 'aggregate' | 'analytic' | 'ordered';
}

const MANY = 255;
const FUNCTIONS = new Map<string, BuiltIn>();

/** @param names Separated by spaces; `NAME>OTHER` is called OTHER on H2. */
function add(
  names: string,
  value: ValueType,
  min: number,
  max: number = min,
  kind: BuiltIn['kind'] = 'scalar',
): void {
  for (const word of names.split(/\s+/)) {
    const [name = '', h2] = word.split('>');
    FUNCTIONS.set(name, h2 === undefined ? { min, max, value, kind } : { min, max, value, kind, h2 });
  }
}

// Numbers
add('ABS ACOS ASIN ATAN CEIL COS COSH EXP FLOOR LN SIGN SIN SINH SQRT TAN TANH', 'number', 1);
add('ATAN2 BITAND LOG MOD POWER REMAINDER NANVL', 'number', 2);
add('ROUND', 'unknown', 1, 2);
add('TO_NUMBER', 'number', 1, 3);
// Strings
add('CHR INITCAP LOWER SOUNDEX UPPER RAWTOHEX', 'string', 1);
add('CONCAT', 'string', 2);
add('LPAD RPAD REPLACE SUBSTR SUBSTRB', 'string', 2, 3);
add('TRANSLATE', 'string', 3);
add('ASCII LENGTH LENGTHB', 'number', 1);
add('INSTR>ORA_INSTR', 'number', 2, 4);
add('REGEXP_REPLACE', 'string', 2, 6);
add('REGEXP_SUBSTR', 'string', 2, 6);
add('REGEXP_COUNT REGEXP_INSTR', 'number', 2, 7);
add('TO_CHAR TO_NCHAR>TO_CHAR', 'string', 1, 3);
add('STANDARD_HASH', 'unknown', 1, 2);
add('HEXTORAW', 'unknown', 1);
add('SYS_GUID', 'unknown', 0);
add('SYS_CONTEXT', 'string', 2, 3);
add('ORA_HASH', 'number', 1, 3);
add('VSIZE', 'number', 1);
// Dates
add('ADD_MONTHS>ORA_ADD_MONTHS', 'date', 2);
add('LAST_DAY', 'date', 1);
add('NEXT_DAY', 'date', 2);
add('MONTHS_BETWEEN', 'number', 2);
add('TO_DATE', 'date', 1, 3);
add('TO_TIMESTAMP', 'timestamp', 1, 3);
add('TO_TIMESTAMP_TZ', 'zoned', 1, 3);
add('FROM_TZ', 'zoned', 2);
add('SYS_EXTRACT_UTC', 'timestamp', 1);
add('TO_DSINTERVAL TO_YMINTERVAL', 'interval', 1);
// Anything
add('COALESCE', 'unknown', 2, MANY);
add('DECODE', 'unknown', 3, MANY);
add('NVL NULLIF', 'unknown', 2);
add('NVL2', 'unknown', 3);
// Aggregates
add('AVG STDDEV STDDEV_POP STDDEV_SAMP SUM VARIANCE VAR_POP VAR_SAMP', 'number', 1, 1, 'aggregate');
add('COUNT', 'number', 1, 1, 'aggregate');
add('MAX MIN', 'unknown', 1, 1, 'aggregate');
add('MEDIAN STATS_MODE', 'unknown', 1, 1, 'aggregate');
add('CORR COVAR_POP COVAR_SAMP REGR_SLOPE REGR_INTERCEPT REGR_COUNT', 'number', 2, 2, 'aggregate');
add('LISTAGG', 'string', 1, 2, 'ordered');
add('PERCENTILE_CONT PERCENTILE_DISC', 'number', 1, 1, 'ordered');
add('CUME_DIST DENSE_RANK PERCENT_RANK RANK', 'number', 0, MANY, 'analytic');
add('ROW_NUMBER', 'number', 0, 0, 'analytic');
add('NTILE', 'number', 1, 1, 'analytic');
add('RATIO_TO_REPORT', 'number', 1, 1, 'analytic');
add('FIRST_VALUE LAST_VALUE', 'unknown', 1, 1, 'analytic');
add('NTH_VALUE', 'unknown', 2, 2, 'analytic');
add('LAG LEAD', 'unknown', 1, 3, 'analytic');

export const BUILT_INS: ReadonlyMap<string, BuiltIn> = FUNCTIONS;

/** Oracle has them; the stand-in has not. */
export const MISSING_FUNCTIONS: ReadonlySet<string> = new Set(
  `APPROX_COUNT_DISTINCT APPROX_MEDIAN APPROX_PERCENTILE ASCIISTR BFILENAME BIN_TO_NUM CHARTOROWID
   CLUSTER_ID COLLECT COMPOSE CONVERT CORR_K CORR_S CUBE_TABLE CV DBTIMEZONE DECOMPOSE DEPTH DEREF DUMP
   EMPTY_BLOB EMPTY_CLOB EXISTSNODE EXTRACTVALUE FEATURE_ID FIRST GROUPING GROUPING_ID GROUP_ID
   INSTR2 INSTR4 INSTRB INSTRC ITERATION_NUMBER JSON_ARRAYAGG JSON_DATAGUIDE JSON_EQUAL JSON_MERGEPATCH
   JSON_OBJECTAGG JSON_SERIALIZE JSON_TRANSFORM LAST LENGTH2 LENGTH4 LENGTHC LISTAGG_CLOB MAKE_REF
   NCHR NEW_TIME NLSSORT NLS_CHARSET_ID NLS_CHARSET_NAME NLS_INITCAP NLS_LOWER NLS_UPPER ORA_DST_AFFECTED
   PATH POWERMULTISET RAWTONHEX REF REFTOHEX REGR_AVGX REGR_AVGY REGR_R2 REGR_SXX REGR_SXY REGR_SYY
   ROWIDTOCHAR ROWIDTONCHAR SCN_TO_TIMESTAMP STATS_BINOMIAL_TEST STATS_F_TEST SUBSTR2 SUBSTR4 SUBSTRC
   SYS_CONNECT_BY_PATH SYS_DBURIGEN SYS_EXTRACT_XML SYS_OP_ZONE_ID SYS_TYPEID SYS_XMLAGG SYS_XMLGEN
   TIMESTAMP_TO_SCN TO_BLOB TO_LOB TO_MULTI_BYTE TO_SINGLE_BYTE TO_UTC_TIMESTAMP_TZ TREAT TZ_OFFSET UNISTR
   USERENV VALIDATE_CONVERSION WIDTH_BUCKET WM_CONCAT XMLAGG XMLCAST XMLELEMENT XMLEXISTS XMLFOREST
   XMLPARSE XMLQUERY XMLSERIALIZE XMLTABLE`.split(/\s+/),
);

/** Functions of Oracle's packages that the stand-in has, by `PACKAGE.FUNCTION`. */
export const PACKAGED: ReadonlyMap<string, ValueType> = new Map<string, ValueType>([
  ['DBMS_LOB.COMPARE', 'number'],
  ['DBMS_LOB.GETLENGTH', 'number'],
  ['DBMS_LOB.SUBSTR', 'string'],
  ['DBMS_LOB.INSTR', 'number'],
]);

export interface PseudoColumn {
  readonly value: ValueType;
  /** The H2 text; without it the stand-in has no such thing. */
  readonly h2?: string;
}

const SECONDS = (moment: string): string => `CAST(DATE_TRUNC('SECOND', ${moment}) AS TIMESTAMP(0))`;

/** Names that are values by themselves. */
export const PSEUDO_COLUMNS: ReadonlyMap<string, PseudoColumn> = new Map<string, PseudoColumn>([
  ['SYSDATE', { value: 'date', h2: SECONDS('LOCALTIMESTAMP') }],
  ['CURRENT_DATE', { value: 'date', h2: SECONDS('LOCALTIMESTAMP') }],
  ['SYSTIMESTAMP', { value: 'zoned', h2: 'CURRENT_TIMESTAMP' }],
  ['CURRENT_TIMESTAMP', { value: 'zoned', h2: 'CURRENT_TIMESTAMP' }],
  ['LOCALTIMESTAMP', { value: 'timestamp', h2: 'LOCALTIMESTAMP' }],
  ['USER', { value: 'string', h2: 'ORA_USER()' }],
  ['UID', { value: 'number' }],
  ['SESSIONTIMEZONE', { value: 'string', h2: 'ORA_SESSIONTIMEZONE()' }],
  ['DBTIMEZONE', { value: 'string', h2: "'+00:00'" }],
  ['ROWNUM', { value: 'number', h2: 'ROWNUM()' }],
  ['ROWID', { value: 'unknown' }],
  ['LEVEL', { value: 'number' }],
  ['ORA_ROWSCN', { value: 'number' }],
]);
