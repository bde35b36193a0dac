import type { Change } from './changes.js';
import type { Cursor, QualifiedName } from './cursor.js';
import type { SqlFlavour } from './flavours.js';
import { columnNames, readColumn, readDefault, readTableConstraint, readType } from './read-column.js';

const ORACLE_VERBS = new Set(['ADD', 'DROP', 'MODIFY', 'RENAME', 'MOVE', 'SHRINK']);
type Table = Pick<Change, 'table' | 'schema'>;

export const tableOf = ({ name, schema }: QualifiedName): Table =>
  schema === undefined ? { table: name } : { table: name, schema };

/** Reads an ALTER TABLE from behind these two words on: a change for each of its clauses. */
export function readAlterTable(cursor: Cursor, flavour: SqlFlavour): Change[] {
  const ifExists = cursor.take('IF EXISTS');
  cursor.take('ONLY');
  const name = cursor.name();
  if (!name) return [{ kind: 'other' }];
  cursor.take('*');
  const table = tableOf(name);
  const clauses = flavour === 'oracle' ? cursor.cutBefore(ORACLE_VERBS) : cursor.items();
  const changes = clauses.flatMap((clause) => readClause(clause, table, flavour));
  const options = onlineOptions(clauses);
  return changes.map((change) => ({
    ...change,
    ...options,
    ...(ifExists ? { ifExists: true as const } : {}),
  }));
}

/** MySQL's `ALGORITHM=` and `LOCK=`, which are clauses of their own. */
function onlineOptions(clauses: readonly Cursor[]): Pick<Change, 'algorithm' | 'lock'> {
  const options: Pick<Change, 'algorithm' | 'lock'> = {};
  for (const clause of clauses) {
    for (const [word, key] of [
      ['ALGORITHM', 'algorithm'],
      ['LOCK', 'lock'],
    ] as const) {
      if (!clause.seek(word)) continue;
      clause.take('=');
      options[key] = clause.word();
    }
  }
  return options;
}

function readClause(clause: Cursor, table: Table, flavour: SqlFlavour): Change[] {
  if (clause.take('ADD')) return readAdd(clause, table);
  if (clause.take('DROP')) return readDrop(clause, table);
  if (clause.take('RENAME')) return readRename(clause, table);
  if (clause.take('CHANGE')) return readChange(clause, table);
  if (clause.take('MODIFY')) return readModify(clause, table, flavour);
  if (clause.take('ALTER')) return readAlterColumn(clause, table);
  if (clause.take('VALIDATE CONSTRAINT')) return [named('validate-constraint', table, clause.identifier())];
  if (clause.take('CONVERT TO')) return [{ kind: 'change-charset', ...table }];
  return [{ kind: rewrites(clause) ? 'rewrite-table' : 'alter-table', ...table }];
}

/** Whether what is left of a clause has every row written anew. */
function rewrites(clause: Cursor): boolean {
  const found = clause.takeAny(
    'ENGINE',
    'FORCE',
    'ROW_FORMAT',
    'SET TABLESPACE',
    'SET LOGGED',
    'SET UNLOGGED',
    'SET ACCESS METHOD',
    'MOVE',
  );
  return found !== undefined && !(found === 'MOVE' && clause.has('ONLINE')) && clause.word() !== 'ROW';
}

function named(kind: Change['kind'], table: Table, name: string | undefined): Change {
  return name === undefined ? { kind, ...table } : { kind, ...table, name };
}

function readAdd(clause: Cursor, table: Table): Change[] {
  const constraint = readTableConstraint(clause);
  if (constraint) return [{ kind: 'add-constraint', ...table, ...constraint }];
  if (
    clause.takeAny(
      'INDEX',
      'KEY',
      'FULLTEXT INDEX',
      'FULLTEXT KEY',
      'SPATIAL INDEX',
      'SPATIAL KEY',
      'FULLTEXT',
      'SPATIAL',
    )
  ) {
    const ifNotExists = clause.take('IF NOT EXISTS');
    const index = named('create-index', table, clause.word() === '(' ? undefined : clause.identifier());
    const group = clause.group();
    return [
      {
        ...index,
        ...(group ? { columns: columnNames(group) } : {}),
        ...(ifNotExists ? { ifNotExists } : {}),
      },
    ];
  }
  if (clause.take('PARTITION')) return [{ kind: 'alter-table', ...table }];
  clause.take('COLUMN');
  const ifNotExists = clause.take('IF NOT EXISTS');
  const group = clause.group();
  const items = group ? group.items() : [clause];
  return items.flatMap((item) => {
    const inner = group ? readTableConstraint(item) : undefined;
    if (inner) return [{ kind: 'add-constraint' as const, ...table, ...inner }];
    return readAddedColumn(item, table, ifNotExists);
  });
}

function readAddedColumn(item: Cursor, table: Table, ifNotExists: boolean): Change[] {
  const name = item.identifier();
  if (name === undefined) return [{ kind: 'alter-table', ...table }];
  const { column, constraints } = readColumn(item);
  const added: Change = { kind: 'add-column', ...table, name, ...column };
  if (ifNotExists) added.ifNotExists = true;
  return [
    added,
    ...constraints.map((one): Change => {
      return { kind: 'add-constraint', ...table, columns: [name], inline: true, ...one };
    }),
  ];
}

function readDrop(clause: Cursor, table: Table): Change[] {
  if (clause.take('PRIMARY KEY')) return [{ kind: 'drop-constraint', ...table, constraint: 'primary-key' }];
  const what = clause.takeAny(
    'CONSTRAINT',
    'FOREIGN KEY',
    'CHECK',
    'UNIQUE',
    'INDEX',
    'KEY',
    'PARTITION',
    'COLUMN',
  );
  const ifExists = clause.take('IF EXISTS');
  const group = clause.group();
  const names = group ? columnNames(group) : [clause.identifier()];
  const cascade = clause.has('CASCADE');
  const kind =
    what === 'INDEX' || what === 'KEY'
      ? 'drop-index'
      : what === undefined || what === 'COLUMN'
        ? 'drop-column'
        : 'drop-constraint';
  if (what === 'PARTITION') return [{ kind: 'truncate', ...table }];
  return names.map((name): Change => ({
    ...named(kind, table, name),
    ...(what === 'FOREIGN KEY' ? { constraint: 'foreign-key' as const } : {}),
    ...(ifExists ? { ifExists } : {}),
    ...(cascade ? { cascade } : {}),
  }));
}

function readRename(clause: Cursor, table: Table): Change[] {
  const what = clause.takeAny('COLUMN', 'CONSTRAINT', 'INDEX', 'KEY');
  if (what === undefined && clause.takeAny('TO', 'AS', '=')) {
    const name = clause.name();
    return [named('rename-table', table, name?.name)];
  }
  clause.take('IF EXISTS');
  const from = clause.identifier();
  const isTable = what === undefined && clause.done;
  if (isTable) return [named('rename-table', table, from)];
  clause.take('TO');
  const newName = clause.identifier();
  const kind =
    what === 'CONSTRAINT'
      ? 'rename-constraint'
      : what === 'INDEX' || what === 'KEY'
        ? 'rename-index'
        : 'rename-column';
  return [{ ...named(kind, table, from), ...(newName === undefined ? {} : { newName }) }];
}

function readChange(clause: Cursor, table: Table): Change[] {
  clause.take('COLUMN');
  clause.take('IF EXISTS');
  const from = clause.identifier();
  const newName = clause.identifier();
  const renamed = newName !== undefined && from?.toLowerCase() !== newName.toLowerCase();
  const whole = readWhole(clause, table, newName);
  return renamed ? [{ ...named('rename-column', table, from), newName }, ...whole] : whole;
}

function readModify(clause: Cursor, table: Table, flavour: SqlFlavour): Change[] {
  if (clause.word() === 'CONSTRAINT' || clause.word() === 'PARTITION')
    return [{ kind: 'alter-table', ...table }];
  clause.take('COLUMN');
  clause.take('IF EXISTS');
  if (flavour !== 'oracle') return readWhole(clause, table, clause.identifier());
  const group = clause.group();
  return (group ? group.items() : [clause]).flatMap((item) => readPartly(item, table));
}

/** MySQL's MODIFY and CHANGE name all that the column shall be. */
function readWhole(item: Cursor, table: Table, name: string | undefined): Change[] {
  const { column, nullability, charset } = readColumn(item);
  return [
    { ...named('alter-type', table, name), ...column },
    named(nullability === 'not-null' ? 'set-not-null' : 'drop-not-null', table, name),
    ...(charset ? [named('change-charset', table, name)] : []),
  ];
}

/** Oracle's MODIFY names what shall be different. */
function readPartly(item: Cursor, table: Table): Change[] {
  const name = item.identifier();
  const { column, nullability, defaultSaid } = readColumn(item);
  const changes: Change[] = [];
  if (column.type !== undefined) changes.push({ ...named('alter-type', table, name), type: column.type });
  if (nullability === 'not-null') changes.push(named('set-not-null', table, name));
  if (nullability === 'null') changes.push(named('drop-not-null', table, name));
  if (defaultSaid) changes.push(named(column.hasDefault ? 'set-default' : 'drop-default', table, name));
  return changes;
}

function readAlterColumn(clause: Cursor, table: Table): Change[] {
  if (clause.takeAny('CONSTRAINT', 'INDEX', 'CHECK')) return [{ kind: 'alter-table', ...table }];
  clause.take('COLUMN');
  const name = clause.identifier();
  if (clause.take('SET NOT NULL')) return [named('set-not-null', table, name)];
  if (clause.take('DROP NOT NULL')) return [named('drop-not-null', table, name)];
  if (clause.take('DROP DEFAULT')) return [named('drop-default', table, name)];
  if (clause.take('SET DEFAULT')) return [{ ...named('set-default', table, name), ...readDefault(clause) }];
  if (!clause.takeAny('SET DATA TYPE', 'TYPE')) return [{ kind: 'alter-table', ...table }];
  const changed: Change = { ...named('alter-type', table, name), type: readType(clause) };
  if (clause.has('USING')) changed.using = true;
  return [changed];
}
