import { quoteName } from './reader.js';
import { QueryReader } from './query-reader.js';
import { refuse, unsupported } from './rules.js';

interface Column {
  readonly qualifier?: string;
  readonly name: string;
}

/** Reads INSERT, UPDATE, DELETE and MERGE. */
export abstract class DmlReader extends QueryReader {
  protected readonly returned: string[] = [];

  protected insert(): void {
    this.at += 1;
    if (this.seesOneOf(['ALL', 'FIRST'])) unsupported(`INSERT ${this.peek().value}`);
    this.expect('INTO', 'missingInto');
    if (this.sees('(')) unsupported('INSERT into a query');
    this.tableName();
    const aliasAt = this.at;
    if (this.tableAlias() !== undefined) this.remove(aliasAt, this.at);
    const columns = this.sees('(') && !this.seesOneOf(['SELECT', 'WITH'], 1) ? this.targets() : undefined;
    if (this.take('VALUES')) {
      const count = this.values();
      if (columns && count > columns.length) refuse('tooManyValues');
      if (columns && count < columns.length) refuse('notEnoughValues');
      this.returning();
    } else if (this.seesOneOf(['SELECT', 'WITH', '('])) this.subquery('table');
    else refuse('missingValues');
  }

  /** (a, t.b): the columns to write; H2 takes them without the table. */
  private targets(): Column[] {
    const columns: Column[] = [];
    this.expect('(', 'missingLeftParenthesis');
    this.list(() => columns.push(this.target()));
    this.closeParenthesis();
    const names = columns.map(({ name }) => name);
    if (new Set(names).size < names.length) refuse('duplicateColumn');
    return columns;
  }

  private target(): Column {
    const start = this.at;
    const name = this.name('invalidIdentifier');
    if (!this.take('.')) return { name };
    const column = this.name('invalidIdentifier');
    this.remove(start, this.at - 1);
    return { qualifier: name, name: column };
  }

  private values(): number {
    this.expect('(', 'missingLeftParenthesis');
    const count = this.list(() => {
      this.valueOrDefault();
    });
    this.closeParenthesis();
    return count;
  }

  private valueOrDefault(): void {
    if (!this.take('DEFAULT')) this.value();
  }

  protected update(): void {
    this.at += 1;
    if (this.sees('(')) unsupported('UPDATE of a query');
    this.tableName();
    this.tableAlias();
    this.assignments();
    this.where();
    this.returning();
  }

  /** SET a = 1, (b, c) = (SELECT …) */
  private assignments(): Column[] {
    const columns: Column[] = [];
    this.expect('SET', 'missingSet');
    this.list(() => {
      if (this.sees('(')) {
        columns.push(...this.targets());
        this.expect('=', 'missingEqual');
        this.expect('(', 'missingLeftParenthesis');
        if (!this.seesOneOf(['SELECT', 'WITH'])) refuse('missingSelect');
        this.subquery('value');
        this.closeParenthesis();
      } else {
        columns.push(this.target());
        this.expect('=', 'missingEqual');
        this.valueOrDefault();
      }
    });
    return columns;
  }

  protected delete(): void {
    this.at += 1;
    this.take('FROM');
    if (this.sees('(')) unsupported('DELETE from a query');
    this.tableName();
    this.tableAlias();
    this.where();
    this.returning();
  }

  private where(): void {
    if (this.take('WHERE')) this.condition();
  }

  /** RETURNING a, b INTO :x, :y */
  private returning(): void {
    const start = this.at;
    if (this.takeOneOf(['RETURNING', 'RETURN']) === undefined) return;
    this.list(() => {
      const { column } = this.value();
      if (!column) unsupported('RETURNING of anything but columns');
      this.returned.push(column.name);
    });
    if (this.take('BULK', 'COLLECT')) refuse('missingInto');
    this.expect('INTO', 'missingInto');
    const binds = this.list(() => {
      if (this.peek().kind !== 'bind') refuse('missingExpression');
      this.at += 1;
    });
    if (binds < this.returned.length) refuse('notEnoughValues');
    if (binds > this.returned.length) refuse('tooManyValues');
    this.remove(start, this.at);
  }

  // ---- MERGE

  protected merge(): void {
    this.at += 1;
    this.expect('INTO', 'missingInto');
    const table = this.tableName();
    const target = this.tableAlias() ?? table;
    this.expect('USING', 'missingKeyword');
    if (this.take('(')) {
      this.subquery('table');
      this.closeParenthesis();
    } else this.tableName();
    const source = this.tableAlias();
    this.expect('ON', 'missingOn');
    const joined = this.mergeCondition(target, source);
    const done = new Set<string>();
    while (this.take('WHEN')) {
      const matched = !this.take('NOT');
      this.expect('MATCHED', 'missingKeyword');
      this.expect('THEN', 'missingKeyword');
      const which = matched ? 'update' : 'insert';
      if (done.has(which)) refuse('notEnded');
      done.add(which);
      if (matched) this.mergeUpdate(joined);
      else this.mergeInsert();
    }
    if (done.size === 0) refuse('missingKeyword');
  }

  /** @returns columns of the target that it joins by, as far as they are told */
  private mergeCondition(target: string, source: string | undefined): Set<string> {
    this.expect('(', 'missingLeftParenthesis');
    const start = this.at;
    this.condition();
    const joined = new Set<string>();
    for (let position = start; position < this.at; position += 1) {
      const { value } = this.tokenAt(position);
      const qualified = this.tokenAt(position + 1).text === '.';
      if (qualified && value === target && value !== source) joined.add(this.tokenAt(position + 2).value);
    }
    this.closeParenthesis();
    return joined;
  }

  private mergeUpdate(joined: ReadonlySet<string>): void {
    const then = this.at - 1;
    this.expect('UPDATE', 'missingKeyword');
    for (const { name, qualifier } of this.assignments())
      if (joined.has(name))
        refuse(
          'mergeKeyUpdate',
          [qualifier, name].flatMap((part) => (part ? quoteName(part) : [])).join('.'),
        );
    this.mergeWhere(then);
    if (this.sees('DELETE', 'WHERE')) unsupported('MERGE … DELETE WHERE');
  }

  private mergeInsert(): void {
    const then = this.at - 1;
    this.expect('INSERT', 'missingKeyword');
    const columns = this.sees('(') ? this.targets() : undefined;
    this.expect('VALUES', 'missingValues');
    const count = this.values();
    if (columns && count > columns.length) refuse('tooManyValues');
    if (columns && count < columns.length) refuse('notEnoughValues');
    this.mergeWhere(then);
  }

  /** WHERE after the values is, on H2, AND before THEN. */
  private mergeWhere(then: number): void {
    const start = this.at;
    if (!this.take('WHERE')) return;
    this.condition();
    const condition = this.text(start + 1, this.at);
    this.remove(start, this.at);
    this.replace(then, then + 1, `AND (${condition}) THEN`);
  }
}
