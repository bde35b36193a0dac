import { describe, expect, it } from '@jest/globals';
import { instant, string } from '../../../src/database/model/logical-type.js';
import { type ColumnModel, type TableModel, tableOf } from '../../../src/database/model/table-model.js';
import { sqlite } from '../../../src/database/dialects/sqlite.js';
import { Trace } from '../../../src/entities/trace.js';
import { type Row, RowContent } from '../../../src/import/verify/row-content.js';

const TRACES = tableOf(Trace);
const mapped = (extra: unknown): Row => ({ id: 't', extra: extra === null ? null : JSON.stringify(extra) });

function described(content: RowContent, one: Row, other: Row): string[] {
  return content.differing(one, other).flatMap((column) => content.describe(column, one, other));
}

describe('the content of a row', () => {
  it('leaves out what tells of the import and not of the document', () => {
    const more = (property: string, name: string, type: ColumnModel['type']): ColumnModel => ({
      ...{ property, name, type },
      ...{ nullable: true, primary: false },
    });
    const plain = TRACES.columns.filter(
      ({ property }) => !['contentHash', 'sourceDeletedAt'].includes(property),
    );
    const table: TableModel = {
      ...TRACES,
      columns: [
        ...plain,
        more('contentHash', 'content_hash', string(64)),
        more('sourceDeletedAt', 'source_deleted_at', instant()),
      ],
    };
    const with_ = new RowContent(table, sqlite);
    const without = new RowContent({ ...TRACES, columns: plain }, sqlite);
    const row: Row = { id: 't', name: 'n' };
    const found: Row = { ...row, contentHash: 'abc', sourceDeletedAt: new Date() };
    expect(with_.differing(row, found)).toEqual([]);
    expect(with_.text(found, false)).toBe(without.text(row, true));
    expect(with_.columns).toEqual(without.columns);
    expect(with_.differing(row, { ...found, name: 'm' }).map(({ property }) => property)).toEqual(['name']);
  });

  it('tells of extra field by field, and of nothing in it that is equal, long or secret', () => {
    const content = new RowContent(TRACES, sqlite);
    const long = 'l'.repeat(1000);
    const source = { same: { b: 1, a: 2 }, region: 'eu', long: `${long}1`, api_key: 'hush-1', gone: [1] };
    const database = { same: { a: 2, b: 1 }, region: 'us', long: `${long}2`, api_key: 'hush-2', came: null };
    const lines = described(content, mapped(source), { id: 't', extra: database });
    expect(lines).toEqual([
      'extra.api_key: (secret) at the source, (another secret) in the database',
      'extra.came: absent at the source, null in the database',
      'extra.gone: [1] at the source, absent in the database',
      `extra.long: …${'l'.repeat(15)}1" at the source, …${'l'.repeat(15)}2" in the database`,
      'extra.region: "eu" at the source, "us" in the database',
    ]);
  });

  it('tells of fields with any name, of no fields at all, and shortens names too', () => {
    const content = new RowContent(TRACES, sqlite);
    const proto = JSON.parse('{"__proto__": 1}') as unknown;
    expect(described(content, mapped(proto), { id: 't', extra: null })).toEqual([
      'extra.__proto__: 1 at the source, absent in the database',
    ]);
    expect(described(content, mapped(null), { id: 't', extra: {} })).toEqual([
      'extra: null at the source, {} in the database',
    ]);
    const [line] = described(content, mapped({ ['n'.repeat(500)]: 1 }), { id: 't', extra: {} });
    expect(line).toBe(`extra.${'n'.repeat(59)}…: 1 at the source, absent in the database`);
  });
});
