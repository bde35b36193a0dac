/*
 * What a session must be, whatever the defaults of server, database and user are: those that dbtool opens, and
 * those in which a script runs that it made.
 */

/** The driver reads ISO dates only, and without extra digits doubles come back rounded. */
export const POSTGRES_SESSION = `SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 1`;

/** It speaks UTC and refuses what does not fit instead of cutting it off. */
export const MYSQL_SESSION =
  "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,ONLY_FULL_GROUP_BY'";

export const ORACLE_SESSION = `ALTER SESSION SET TIME_ZONE = 'UTC' NLS_LENGTH_SEMANTICS = CHAR NLS_NUMERIC_CHARACTERS = '.,' NLS_SORT = BINARY NLS_COMP = BINARY`;
