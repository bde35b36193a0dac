import type { Document } from 'bson';
import type { LogicalValue } from '../database/model/logical-type.js';
import type { ColumnModel, TableModel } from '../database/model/table-model.js';
import type { Violation } from '../entities/validation.js';
import { valueAtKeys } from './document-path.js';
import { valueIn } from './found-in-list.js';
import { CLEANED, LOST, plainJson, textAsIs } from './plain-json.js';
import type { Findings, ProblemRule } from './problem.js';
import { restOf } from './rest-of.js';
import { EXTRA, type MutableRow, type Place, type PlannedColumn, type RowPlan } from './row-plan.js';
import { asIs, convert } from './values.js';

/** A column, and what is known of it for the document at hand. */
interface ColumnAtHand extends PlannedColumn {
  /** The field's value, for a column that takes one. */
  value: unknown;
  /** Where the value stood, or should have. */
  at: Place;
  /** A JSON value's text, where it is known before the value is checked. */
  text: string | undefined;
}

/**
 * Turns documents into rows of one table. Nothing is allocated for a document but the row and what stands in it,
 * since this runs for every document of an import.
 */
export class RowMapper {
  private readonly columns: ColumnAtHand[];
  /** Columns that take what they are made of out of `extra`, of which it is a part. */
  private readonly parts: ColumnAtHand[];
  /** The fields that do not go to `extra`, with the columns that take them as they are. */
  private readonly fields: ReadonlyMap<string, ColumnAtHand | null>;

  constructor(private readonly plan: RowPlan) {
    this.columns = plan.columns.map((planned) => ({
      ...planned,
      value: undefined,
      at: planned.places[0],
      text: undefined,
    }));
    this.parts = this.columns.filter(({ isPart }) => isPart);
    const atHand = new Map(plan.columns.map((planned, index) => [planned, this.columns[index] ?? null]));
    this.fields = new Map(
      [...plan.fields].map(([name, planned]) => [name, planned && (atHand.get(planned) ?? null)]),
    );
  }

  get table(): TableModel {
    return this.plan.table;
  }

  /** A row without values but the constant ones. */
  blank(): MutableRow {
    return this.plan.blank();
  }

  /** Fills in a row from the fields of its document, and tells all that is wrong with it. */
  fill(row: MutableRow, document: Document, findings: Findings): void {
    const hasOthers = this.readFields(document);
    let failed: Set<string> | undefined;
    for (const planned of this.columns) {
      const value = planned.isField ? planned.value : lookUp(planned, document);
      const isThere = value !== null && value !== undefined;
      if (!isThere && planned.column.nullable) continue;
      if (isThere && take(planned, value, row)) continue;
      if (!this.convert(planned, value, row, findings)) (failed ??= new Set()).add(planned.property);
    }
    const violations = this.plan.validate(row);
    if (violations.length > 0) this.tell(violations, failed, row, findings);
    for (const { isJson, property, text } of this.columns) {
      if (isJson && row[property] !== null) row[property] = text ?? JSON.stringify(row[property]);
    }
    if (this.plan.hasExtra && hasOthers) this.fillExtra(row, document, findings);
  }

  /** @returns whether there are fields that do not always belong to a column */
  private readFields(document: Document): boolean {
    for (const planned of this.columns) planned.value = undefined;
    let hasOthers = false;
    for (const name of Object.keys(document)) {
      const planned = this.fields.get(name);
      if (planned === undefined) hasOthers = true;
      else if (planned !== null) planned.value = document[name];
    }
    return hasOthers;
  }

  /**
   * Fills in a value that is not yet in its column's form.
   * @returns false when it does not fit
   */
  private convert(planned: ColumnAtHand, value: unknown, row: MutableRow, findings: Findings): boolean {
    const { column, property, copy, at } = planned;
    const converted = convert(column.type, value);
    if (!('problem' in converted) && (converted.value !== null || column.nullable)) {
      // JSON is not yet text: rules look at the value.
      row[property] = converted.value as LogicalValue;
      if (converted.coerced !== undefined) findings.coerced(at.path, converted.coerced);
      return true;
    }
    // A copy is a convenience: what it was copied from is kept as it is.
    if (copy) return true;
    if ('problem' in converted) findings.problem(at.path, converted.rule, `${at.path} ${converted.problem}`);
    else findings.problem(at.path, 'missing', `${at.path} is missing`);
    return false;
  }

  private tell(
    violations: readonly Violation[],
    failed: ReadonlySet<string> | undefined,
    row: MutableRow,
    findings: Findings,
  ): void {
    for (const { property, message, rule } of violations) {
      if (failed?.has(property)) continue;
      const planned = this.columns.find((one) => one.property === property);
      if (planned?.copy) {
        row[property] = null;
        continue;
      }
      const path = planned?.at.path ?? this.plan.given.fixed[property] ?? property;
      const reason = message.replace(property, planned?.column.name ?? property);
      findings.problem(path, ruleOf(rule, planned?.column), reason);
    }
  }

  private fillExtra(row: MutableRow, document: Document, findings: Findings): void {
    const parts = this.parts.map(({ at }) => at.keys);
    const rest = restOf(document, this.fields, parts);
    if (rest === null) return;
    const text = textAsIs(rest);
    if (text !== undefined) {
      row[EXTRA] = text;
      return;
    }
    const { json, replaced, lost } = plainJson(rest);
    row[EXTRA] = JSON.stringify(json);
    if (lost) {
      for (const name of Object.keys(rest))
        if (plainJson(rest[name]).lost) findings.problem(name, 'out-of-range', `${name} ${LOST}`);
    }
    if (replaced) findings.coerced(EXTRA, CLEANED);
  }
}

/**
 * Fills in a value that is in its column's form already, as nearly all are.
 * @returns false when it is not
 */
function take(planned: ColumnAtHand, value: unknown, row: MutableRow): boolean {
  if (planned.isJson) {
    const text = textAsIs(value);
    planned.text = text;
    if (text === undefined) return false;
    // Rules look at the value; then the text takes its place.
    row[planned.property] = value as LogicalValue;
    return true;
  }
  const kept = asIs(planned.column.type, value);
  if (kept === undefined) return false;
  row[planned.property] = kept;
  return true;
}

/** The value of a column that is no field as it is: from several places, deeper ones, found or rewritten. */
function lookUp(planned: ColumnAtHand, document: Document): unknown {
  const { places, find, rewrite } = planned;
  let value: unknown;
  planned.at = places[0];
  for (const place of places) {
    value = valueAtKeys(document, place.keys);
    if (value === null || value === undefined) continue;
    planned.at = place;
    break;
  }
  value ??= find ? valueIn(document, find) : null;
  return rewrite && value !== null ? rewrite(value, document) : value;
}

/** The kind of a rule by its name in class-validator. */
const RULES: Readonly<Partial<Record<string, ProblemRule>>> = {
  isDefined: 'missing',
  notEmpty: 'empty',
  maxLength: 'too-long',
  min: 'out-of-range',
  max: 'out-of-range',
  keepableInstant: 'out-of-range',
};

function ruleOf(rule: string, column: ColumnModel | undefined): ProblemRule {
  // What is converted is a number or an amount: that it is none of the column's can only be its size.
  const isSize =
    (rule === 'isNumber' && column?.type.kind === 'double') ||
    (rule === 'matches' && column?.type.kind === 'money');
  return isSize ? 'out-of-range' : (RULES[rule] ?? 'invalid');
}
