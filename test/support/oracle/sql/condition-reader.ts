import type { Value } from './function-reader.js';
import { refuse, unsupported } from './rules.js';
import { ValueReader } from './value-reader.js';

const MAX_IN_LIST = 1000;
const COMPARISONS = ['=', '<>', '!=', '^=', '<', '>', '<=', '>='];
/** What may follow the parenthesis of a value, and never that of a condition. */
const AFTER_VALUE = [
  ...COMPARISONS,
  ...['+', '-', '*', '/', '||', 'IN', 'NOT', 'BETWEEN', 'LIKE', 'IS', 'AT'],
];
/** LIKE has no escape character unless one is named; on H2 it is the backslash. */
const NO_ESCAPE = String.raw` ESCAPE U&'\0001'`;

/** Reads conditions. Oracle keeps them apart from values: neither stands where the other is wanted. */
export abstract class ConditionReader extends ValueReader {
  protected condition(): void {
    do this.conjunction();
    while (this.take('OR'));
  }

  private conjunction(): void {
    do this.negation();
    while (this.take('AND'));
  }

  private negation(): void {
    while (this.take('NOT'));
    if (this.sees('EXISTS', '(')) {
      this.at += 2;
      this.subquery('value');
      this.closeParenthesis();
    } else if (this.sees('JSON_EXISTS', '(')) this.jsonExists(this.at);
    else if (this.sees('REGEXP_LIKE', '(')) this.regexpLike();
    else if (this.sees('LNNVL', '(')) this.lnnvl();
    else if (this.sees('(') && this.parenthesisedCondition()) {
      this.at += 1;
      this.condition();
      this.closeParenthesis();
    } else this.predicate();
  }

  private parenthesisedCondition(): boolean {
    if (this.seesOneOf(['SELECT', 'WITH'], 1)) return false;
    const after = this.closing(this.at) - this.at + 1;
    return !this.seesOneOf(AFTER_VALUE, after);
  }

  private regexpLike(): void {
    this.at += 2;
    const arguments_ = this.list(() => this.value());
    this.closeParenthesis();
    if (arguments_ < 2 || arguments_ > 3) refuse('wrongArgumentCount');
  }

  /** True unless the condition is. */
  private lnnvl(): void {
    const start = this.at;
    this.at += 2;
    this.condition();
    this.closeParenthesis();
    this.replace(start, start + 1, '');
    this.wrap(start, this.at, '(', ' IS NOT TRUE)');
  }

  private predicate(): void {
    const left = this.operand();
    const comparison = this.takeOneOf(COMPARISONS);
    if (comparison !== undefined) {
      // H2 reads ^= as nothing.
      this.replace(this.at - 1, this.at, comparison === '^=' ? '<>' : comparison);
      this.compared();
    } else if (this.take('IS')) this.is();
    else {
      this.take('NOT');
      if (this.take('IN')) this.inList(left);
      else if (this.take('BETWEEN')) {
        this.value();
        this.expect('AND', 'missingKeyword');
        this.value();
      } else if (this.take('LIKE')) this.like();
      else if (this.seesOneOf(['LIKEC', 'LIKE2', 'LIKE4', 'MEMBER', 'SUBMULTISET'])) {
        unsupported(`condition ${this.peek().value}`);
      } else refuse('invalidRelation');
    }
  }

  /** A value, or a row of values. */
  private operand(): Value {
    if (!this.sees('(') || this.seesOneOf(['SELECT', 'WITH'], 1)) return this.value();
    const start = this.at;
    const closing = this.closing(start);
    for (let position = start + 1, depth = 0; position < closing; position += 1) {
      const { kind, text } = this.tokenAt(position);
      if (kind !== 'operator') continue;
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (text === ',' && depth === 0) return this.row();
    }
    return this.value();
  }

  private row(): Value {
    const from = this.at;
    this.at += 1;
    this.list(() => this.value());
    this.closeParenthesis();
    return { from, to: this.at, type: 'unknown' };
  }

  private compared(): void {
    if (this.takeOneOf(['ANY', 'SOME', 'ALL']) !== undefined) {
      this.expect('(', 'missingExpression');
      if (!this.seesOneOf(['SELECT', 'WITH'])) unsupported('ANY, SOME or ALL of a list');
      this.subquery('value');
      this.closeParenthesis();
    } else this.operand();
  }

  private is(): void {
    this.take('NOT');
    if (this.take('NULL')) return;
    if (this.sees('JSON')) {
      const start = this.at;
      this.at += 1;
      if (this.takeOneOf(['STRICT', 'LAX']) !== undefined) this.remove(start + 1, this.at);
      if (this.take('WITH', 'UNIQUE', 'KEYS')) return;
      const from = this.at;
      if (this.take('WITHOUT', 'UNIQUE', 'KEYS')) this.remove(from, this.at);
    } else if (this.seesOneOf(['NAN', 'INFINITE', 'OF', 'EMPTY', 'A', 'PRESENT', 'ANY'])) {
      unsupported(`condition IS ${this.peek().value}`);
    } else refuse('missingKeyword');
  }

  private inList(left: Value): void {
    this.expect('(', 'missingLeftParenthesis');
    if (this.seesOneOf(['SELECT', 'WITH'])) this.subquery('value');
    else {
      const count = this.list(() => this.operand());
      // A row of several values counts for itself: tuples have no such limit.
      const tuples = this.tokenAt(left.from).text === '(' && left.type === 'unknown';
      if (count > MAX_IN_LIST && !tuples) refuse('longInList');
    }
    this.closeParenthesis();
  }

  private like(): void {
    const pattern = this.value();
    if (this.take('ESCAPE')) this.value();
    else this.wrap(pattern.from, this.at, '', NO_ESCAPE);
  }
}
