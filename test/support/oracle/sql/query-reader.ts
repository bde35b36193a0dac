import { ConditionReader } from './condition-reader.js';
import type { Value } from './function-reader.js';
import { quoteName } from './reader.js';
import { refuse, type RuleName, unsupported } from './rules.js';
import type { Scope } from './value-reader.js';

const SET_OPERATORS = ['UNION', 'INTERSECT', 'MINUS'];
/** They begin something else, though they are no reserved words. */
const JOIN_WORDS = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'OUTER', 'NATURAL', 'JOIN', 'USING'];
const NO_ALIASES = [...JOIN_WORDS, 'RETURNING', 'RETURN'];

/** What forbids FOR UPDATE. */
interface Shape {
  combined: boolean;
  limited: boolean;
}

/** Reads queries. */
export abstract class QueryReader extends ConditionReader {
  private depth = 0;
  /** Names of WITH that are being defined; whether they name their columns. */
  private readonly defining = new Map<string, boolean>();

  /** A query that is a statement. */
  protected topQuery(): void {
    const shape = this.query('table');
    if (this.sees('FOR', 'UPDATE')) this.forUpdate(shape);
  }

  protected subquery(place: 'value' | 'table'): void {
    const { scope } = this;
    this.depth += 1;
    this.query(place);
    this.depth -= 1;
    this.scope = scope;
  }

  private query(place: 'value' | 'table'): Shape {
    this.scope = undefined;
    if (this.take('WITH')) this.withClause();
    const combined = this.queryBlocks();
    this.scope = undefined;
    const ordered = this.sees('ORDER');
    if (ordered) this.orderBy();
    const limited = this.limit();
    // Rows of a value have no order, unless some are picked by it.
    if (ordered && !limited && place === 'value') refuse('subqueryOrder');
    return { combined, limited };
  }

  private withClause(): void {
    this.list(() => {
      const name = this.name('missingTable');
      const columns = this.sees('(');
      if (columns) this.columnNames();
      this.expect('AS', 'missingKeyword');
      this.expect('(', 'missingLeftParenthesis');
      this.defining.set(name, columns);
      this.subquery('table');
      this.defining.delete(name);
      this.closeParenthesis();
      if (this.seesOneOf(['SEARCH', 'CYCLE'])) unsupported('SEARCH and CYCLE');
    });
    if (!this.seesOneOf(['SELECT', '('])) refuse('missingSelect');
  }

  /** (a, b): names as the catalogue has them. */
  protected columnNames(): string[] {
    const names: string[] = [];
    this.expect('(', 'missingLeftParenthesis');
    this.list(() => names.push(this.name('invalidIdentifier')));
    this.closeParenthesis();
    if (new Set(names).size < names.length) refuse('duplicateColumn');
    return names;
  }

  /** @returns whether rows of the result are no rows of a table */
  private queryBlocks(): boolean {
    let combined = this.queryBlock();
    let previous: string | undefined;
    for (;;) {
      const operator = this.takeOneOf(SET_OPERATORS);
      if (operator === undefined) return combined;
      combined = true;
      if (operator === 'UNION') this.take('ALL');
      // Oracle goes from left to right, H2 takes INTERSECT first.
      if (operator === 'INTERSECT' && previous !== undefined && previous !== operator)
        unsupported('INTERSECT after another set operator, without parentheses');
      previous = operator;
      this.queryBlock();
    }
  }

  private queryBlock(): boolean {
    if (this.take('(')) {
      const { combined, limited } = this.query('table');
      this.closeParenthesis();
      return combined || limited;
    }
    if (!this.take('SELECT')) refuse('missingSelect');
    const distinct = this.takeOneOf(['DISTINCT', 'UNIQUE']) !== undefined;
    if (!distinct) this.take('ALL');
    this.scope = undefined;
    const aliases = this.selectList();
    if (!this.take('FROM')) {
      if (this.session.version < 23 || (!this.seesOneOf([')', ...SET_OPERATORS]) && !this.atEnd))
        refuse('missingFrom');
      return distinct;
    }
    this.scope = { aliases, table: this.tables() };
    if (this.take('WHERE')) this.condition();
    if (this.seesOneOf(['CONNECT', 'START'])) unsupported('hierarchical queries');
    const grouped = this.take('GROUP');
    if (grouped) this.groupBy();
    const having = this.take('HAVING');
    if (having) this.condition();
    return distinct || grouped || having;
  }

  // ---- the select list

  /** @returns aliases that name no column of the same name */
  private selectList(): Scope['aliases'] {
    const aliases = new Set<string>();
    if (this.take('*')) return aliases;
    this.list(() => {
      if (this.allColumns()) return;
      const value = this.value();
      const alias = this.alias(value);
      if (alias !== undefined && alias !== value.column?.name) aliases.add(alias);
    });
    return aliases;
  }

  /** t.* */
  private allColumns(): boolean {
    const names = [0, 2].find(
      (last) => this.seesName(last) && this.peek(last + 1).text === '.' && this.peek(last + 2).text === '*',
    );
    if (names === undefined) return false;
    this.name('missingExpression');
    if (this.take('.') && names === 2) {
      this.name('missingExpression');
      this.take('.');
    }
    this.take('*');
    return true;
  }

  private alias(value: Value): string | undefined {
    if (this.take('AS')) return this.name('missingFrom');
    if (this.seesName()) return this.name('missingFrom');
    // The column of the result is called by its text.
    if (this.depth === 0 && !value.column && !this.isSequence(value))
      this.wrap(value.from, value.to, '', ` AS ${quoteName(this.label(value.from, value.to))}`);
    return undefined;
  }

  private isSequence({ to }: Value): boolean {
    return ['NEXTVAL', 'CURRVAL'].includes(this.tokenAt(to - 1).value);
  }

  private label(from: number, to: number): string {
    let label = '';
    for (let position = from; position < to; position += 1) {
      const { kind, text, value } = this.tokenAt(position);
      label += kind === 'word' ? value : text;
    }
    return label.replaceAll('"', '');
  }

  // ---- tables

  /** @returns the table's name, if it is one */
  private tables(): string | undefined {
    const names: (string | undefined)[] = [];
    this.list(() => {
      names.push(this.table());
      while (this.join()) names.push(undefined);
    });
    return names.length === 1 ? names[0] : undefined;
  }

  private table(): string | undefined {
    if (this.take('(')) {
      if (this.seesOneOf(['SELECT', 'WITH'])) this.subquery('table');
      else {
        this.table();
        while (this.join());
      }
      this.closeParenthesis();
      return this.tableAlias();
    }
    if (this.seesOneOf(['LATERAL', 'TABLE', 'JSON_TABLE', 'XMLTABLE']) && this.peek(1).text === '(')
      unsupported(`${this.peek().value} (…) as a table`);
    const name = this.tableName();
    const columns = this.defining.get(name);
    if (columns === false) refuse('recursionWithoutColumns');
    if (this.sees('SAMPLE', '(')) unsupported('SAMPLE');
    if (this.sees('AS', 'OF')) unsupported('flashback queries');
    return this.tableAlias() ?? name;
  }

  /** @returns the last of the names */
  protected tableName(): string {
    const dual = this.sees('DUAL');
    let name = this.name('missingTable');
    if (dual) this.replace(this.at - 1, this.at, 'DUAL');
    if (this.take('.')) name = this.name('missingTable');
    if (this.sees('@')) unsupported('database links');
    return name;
  }

  /** A name that begins nothing else here. */
  protected tableAlias(): string | undefined {
    if (!this.seesName() || this.seesOneOf(NO_ALIASES)) return undefined;
    if (this.seesOneOf(['FETCH', 'OFFSET']) && !this.nameStandsAlone()) return undefined;
    return this.name('missingTable');
  }

  /** Whether FETCH or OFFSET is but a name here. */
  private nameStandsAlone(): boolean {
    if (this.sees('FETCH')) return !this.seesOneOf(['FIRST', 'NEXT'], 1);
    return !['number', 'bind'].includes(this.peek(1).kind);
  }

  private join(): boolean {
    const start = this.at;
    if (this.sees('NATURAL')) unsupported('NATURAL JOIN');
    const cross = this.take('CROSS');
    if (!cross && !this.take('INNER') && this.takeOneOf(['LEFT', 'RIGHT', 'FULL']) !== undefined)
      this.take('OUTER');
    if (this.sees('APPLY') || this.sees('OUTER', 'APPLY')) unsupported('APPLY');
    if (!this.take('JOIN')) {
      this.at = start;
      return false;
    }
    this.table();
    if (cross) return true;
    // H2 would find the column twice.
    if (this.sees('USING')) unsupported('JOIN … USING');
    this.expect('ON', 'missingKeyword');
    this.condition();
    return true;
  }

  // ---- groups, order, number of rows

  private groupBy(): void {
    this.expect('BY', 'missingKeyword');
    this.list(() => {
      if (this.seesOneOf(['ROLLUP', 'CUBE']) || this.sees('GROUPING', 'SETS'))
        unsupported(`GROUP BY ${this.peek().value}`);
      this.value();
    });
  }

  protected orderBy(): void {
    this.expect('ORDER', 'missingKeyword');
    if (this.sees('SIBLINGS')) unsupported('hierarchical queries');
    this.expect('BY', 'missingKeyword');
    this.list(() => {
      const value = this.value();
      const descending = this.take('DESC');
      if (!descending) this.take('ASC');
      if (this.take('NULLS')) {
        if (this.takeOneOf(['FIRST', 'LAST']) === undefined) refuse('missingKeyword');
        // Nulls are greater than all else; on H2 they are less.
      } else this.wrap(value.from, this.at, '', descending ? ' NULLS FIRST' : ' NULLS LAST');
    });
  }

  /** OFFSET n ROWS FETCH FIRST n ROWS ONLY */
  private limit(): boolean {
    let limited = false;
    if (this.take('OFFSET')) {
      limited = true;
      this.rowCount('missingKeyword');
    }
    if (!this.take('FETCH')) return limited;
    if (this.takeOneOf(['FIRST', 'NEXT']) === undefined) refuse('missingKeyword');
    if (!this.seesOneOf(['ROW', 'ROWS'])) this.rowCount('missingKeyword');
    else this.at += 1;
    if (!this.take('ONLY') && !this.take('WITH', 'TIES')) refuse('missingKeyword');
    return true;
  }

  private rowCount(otherwise: RuleName): void {
    const { from, to } = this.value();
    this.wrap(from, to, 'CAST(', ' AS BIGINT)');
    this.take('PERCENT');
    if (this.takeOneOf(['ROW', 'ROWS']) === undefined) refuse(otherwise);
  }

  private forUpdate({ combined, limited }: Shape): void {
    if (limited) refuse('lockedView');
    if (combined) refuse('lockedSet');
    this.at += 2;
    const start = this.at;
    if (this.take('OF')) this.list(() => this.value());
    // How long to wait is up to the server.
    if (this.take('WAIT')) this.wholeNumber();
    else if (!this.take('NOWAIT') && this.sees('SKIP', 'LOCKED')) unsupported('SKIP LOCKED');
    if (this.at > start) this.remove(start, this.at);
  }
}
