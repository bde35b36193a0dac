/**
 * Every coded error and finding of dbtool, with the exit code it ends the process with.
 *
 * A code is a promise to scripts: it never changes its meaning. docs/errors.md is generated from
 * this table, so a code that is not here cannot be thrown (the compiler refuses it).
 *
 * Exit codes: 0 done; 1 bug or unexpected failure; 2 wrong usage or unmet precondition; 3 declined
 * at a prompt; 4 and up findings; 130/143 stopped by a signal.
 */
export const ERROR_CODES = {
  // 1: bugs and unexpected failures
  'internal.bug': { exit: 1, summary: 'dbtool itself failed; this is a bug worth reporting.' },
  'database.failed': { exit: 1, summary: 'The database refused or broke off a statement.' },
  'database.lost': { exit: 1, summary: 'The connection to the database broke during the work.' },
  'database.timeout': { exit: 1, summary: 'A statement ran longer than database.statementTimeout.' },
  'database.row.unique': { exit: 1, summary: 'A row has a key that another row has already.' },
  'database.row.foreign-key': {
    exit: 1,
    summary: 'A row refers to one that is not there, or others refer to one that should go.',
  },
  'database.row.null': { exit: 1, summary: 'A row lacks a value that its column must have.' },
  'database.row.too-long': { exit: 1, summary: 'A row has a text longer than its column holds.' },
  'database.row.out-of-range': {
    exit: 1,
    summary: 'A row has a number or a time beyond what its column holds.',
  },
  'database.row.invalid': { exit: 1, summary: 'A row has a value that its column does not take.' },
  'migrate.failed': { exit: 1, summary: 'A migration failed.' },
  'migrate.lock.lost': { exit: 1, summary: 'The migration lock went to another process during the work.' },
  'import.source.lost': { exit: 1, summary: 'The source broke off while it was read.' },
  'import.lock.lost': { exit: 1, summary: 'The import lock went to another process during the work.' },
  'import.rejects.too-many': { exit: 1, summary: 'More documents were rejected than --max-rejects allows.' },
  'output.failed': { exit: 1, summary: 'Writing the output failed half-way.' },

  // 2: wrong usage
  'usage.command.unknown': { exit: 2, summary: 'There is no such command.' },
  'usage.flag.unknown': { exit: 2, summary: 'The command has no such flag.' },
  'usage.flag.invalid': { exit: 2, summary: 'A flag has a value it does not take.' },
  'usage.flag.missing': { exit: 2, summary: 'A flag that the command needs is missing.' },
  'usage.flag.conflict': { exit: 2, summary: 'Two flags that exclude each other were given.' },
  'usage.argument.unexpected': { exit: 2, summary: 'There is an argument too many.' },
  'usage.argument.missing': { exit: 2, summary: 'An argument that the command needs is missing.' },
  'usage.argument.invalid': { exit: 2, summary: 'An argument has a value the command does not take.' },
  'usage.invalid': { exit: 2, summary: 'The command was called in a way that cannot work.' },
  'usage.where.invalid': { exit: 2, summary: 'The filter of `--where` cannot be used.' },
  'usage.time.invalid': { exit: 2, summary: 'A date, time or age cannot be read.' },
  'usage.range.reversed': { exit: 2, summary: 'The start of a time range lies after its end.' },
  'usage.confirmation.needed': {
    exit: 2,
    summary: 'A destructive command was not confirmed and nobody can be asked.',
  },
  'usage.production.refused': {
    exit: 2,
    summary: 'A destructive command was refused on a production database.',
  },

  // 2: unmet preconditions
  'config.invalid': { exit: 2, summary: 'The configuration has faults; all are listed.' },
  'config.unreadable': { exit: 2, summary: 'A configuration or secret file cannot be read.' },
  'config.environment.unknown': { exit: 2, summary: 'The named environment is not in the configuration.' },
  'config.password.in-flag': { exit: 2, summary: 'A password was given on the command line.' },
  'config.url.invalid': { exit: 2, summary: 'A database or source URL cannot be read.' },
  'database.unreachable': { exit: 2, summary: 'The database server does not answer.' },
  'database.authentication': { exit: 2, summary: 'The database refused the user or the password.' },
  'database.missing': { exit: 2, summary: 'The server has no database of that name.' },
  'database.privilege': { exit: 2, summary: 'The database user may not do that.' },
  'database.locked': { exit: 2, summary: 'Another process holds the database for writing.' },
  'database.pool.exhausted': {
    exit: 2,
    summary: 'No connection became free within database.connectTimeout.',
  },
  'database.tls': { exit: 2, summary: 'The encrypted connection could not be set up.' },
  'database.migrations.pending': {
    exit: 2,
    summary: 'The database lacks migrations that the command needs.',
  },
  'migrate.folder.missing': {
    exit: 2,
    summary: 'A folder of migrations cannot be read, or none is named to write to.',
  },
  'migrate.generate.irreversible': {
    exit: 2,
    summary: 'A difference cannot be made a migration that can be taken back.',
  },
  'migrate.name.taken': { exit: 2, summary: 'The folder has a migration of that name already.' },
  'migrate.source.invalid': {
    exit: 2,
    summary: 'A migration file cannot be read as one; file and line are named.',
  },
  'migrate.source.missing': { exit: 2, summary: 'A migration that was applied has no file any more.' },
  'migrate.source.duplicate': { exit: 2, summary: 'Two migrations have one name.' },
  'migrate.unknown': { exit: 2, summary: 'There is no migration of that name.' },
  'migrate.irreversible': { exit: 2, summary: 'A migration does not say how to take it back.' },
  'migrate.conflict': { exit: 2, summary: 'A table that a migration would create is there already.' },
  'migrate.dangerous': {
    exit: 2,
    summary: 'A migration endangers a table that holds data, and does not say that it is meant so.',
  },
  'migrate.resume.changed': {
    exit: 2,
    summary: 'A migration that stopped half-way was changed, and cannot go on where it stopped.',
  },
  'migrate.repair.undecided': {
    exit: 2,
    summary:
      'It cannot be told whether a statement has taken effect, or what to do with a migration was not said.',
  },
  'migrate.script.unknown': {
    exit: 2,
    summary: 'The statements of a migration cannot be told without running it.',
  },
  'migrate.dirty': { exit: 2, summary: 'An earlier migration stopped half-way.' },
  'migrate.lock.held': { exit: 2, summary: 'Another process is migrating this database.' },
  'migrate.lock.timeout': {
    exit: 2,
    summary: 'A migration waited in vain for a lock that another session holds.',
  },
  'import.source.missing': { exit: 2, summary: 'The dump or file to import is not there.' },
  'import.source.unreadable': { exit: 2, summary: 'The dump or file to import cannot be read.' },
  'import.source.truncated': {
    exit: 2,
    summary: 'A file of the dump, or an archive, ends too early.',
  },
  'import.source.not-bson': { exit: 2, summary: 'A file that should be BSON is not.' },
  'import.source.not-json': { exit: 2, summary: 'A file that should be Extended JSON is not.' },
  'import.source.not-archive': {
    exit: 2,
    summary: 'A file that should be an archive of mongodump is not, or is not intact.',
  },
  'import.source.checksum': { exit: 2, summary: 'A collection of an archive does not have its checksum.' },
  'import.source.empty': { exit: 2, summary: 'The source holds no collection that dbtool imports.' },
  'import.source.unreachable': { exit: 2, summary: 'The MongoDB server does not answer.' },
  'import.source.authentication': { exit: 2, summary: 'MongoDB refused the user or the password.' },
  'import.where.unsupported': { exit: 2, summary: 'The filter cannot be applied to a file.' },
  'import.collection.missing': { exit: 2, summary: 'The source has no collection of that name.' },
  'import.collection.unknown': { exit: 2, summary: 'dbtool imports no collection of that name.' },
  'import.lock.held': { exit: 2, summary: 'Another process is importing into this database.' },
  'import.deletes.too-many': {
    exit: 2,
    summary: 'More rows are gone at the source than --max-deletes allows.',
  },
  'import.rejects.unreadable': { exit: 2, summary: 'The rejects file to import again cannot be read.' },
  'import.rejects.unwritable': { exit: 2, summary: 'The rejects file cannot be written.' },
  'report.trace.unknown': { exit: 2, summary: 'There is no trace with that id.' },
  'output.unwritable': { exit: 2, summary: 'The output file cannot be written.' },

  // 3: declined
  'prompt.declined': { exit: 3, summary: 'The question was answered with no.' },

  // 4 and up: findings, which are no failures, and which CI may gate on
  'import.rejects': {
    exit: 4,
    summary: 'Some documents did not fit; they are in the rejects file, the others are in.',
  },
  'migrate.pending': { exit: 5, summary: 'Migrations are pending (`migrate status --check`).' },
  'migrate.out-of-order': {
    exit: 7,
    summary: 'A pending migration is older than one that is applied.',
  },
  'migrate.edited': { exit: 8, summary: 'A migration was changed after it was applied.' },
  'migrate.missing': { exit: 9, summary: 'A migration was applied, and its file is gone (`migrate check`).' },
  'migrate.drift': { exit: 10, summary: 'The schema is not what the migrations make (`migrate check`).' },
  'migrate.danger': { exit: 11, summary: 'A pending migration holds a danger (`migrate check`).' },
  'import.verify.mismatch': {
    exit: 12,
    summary: 'The database does not hold what the source says (`import verify`).',
  },
  'doctor.findings': { exit: 6, summary: 'The doctor found something wrong.' },

  // signals
  'signal.interrupt': { exit: 130, summary: 'Stopped by SIGINT (Ctrl-C).' },
  'signal.terminate': { exit: 143, summary: 'Stopped by SIGTERM.' },
} as const satisfies Record<string, { exit: number; summary: string }>;

/** A stable dotted code, for example `import.source.missing`. */
export type ErrorCode = keyof typeof ERROR_CODES;
