import { Column, Table } from '../../../src/database/model/decorators.js';
import { integer, string, text } from '../../../src/database/model/logical-type.js';
import type { EntityClass } from '../../../src/database/model/table-model.js';

/** A parent with a second unique key. */
@Table('shelves', { uniques: [['code']] })
export class Shelf {
  @Column(string(50), { primary: true })
  id!: string;

  @Column(string(50))
  code!: string;

  @Column(text(), { nullable: true })
  note!: string | null;
}

/** A child with a key of two columns, which goes with its parent. */
@Table('books', { indexes: [['title', 'year']] })
export class Book {
  @Column(string(50), {
    primary: true,
    references: { table: 'shelves', column: 'id', onDelete: 'CASCADE' },
  })
  shelfId!: string;

  @Column(integer(), { primary: true })
  place!: number;

  @Column(string(255), { nullable: true })
  title!: string | null;

  @Column(integer(), { nullable: true })
  year!: number | null;
}

/** A child that keeps its parent from being deleted. */
@Table('loans')
export class Loan {
  @Column(string(50), { primary: true })
  id!: string;

  @Column(string(50), { references: { table: 'shelves', column: 'id', onDelete: 'NO ACTION' } })
  shelfId!: string;

  @Column(string(20), { nullable: true })
  reader!: string | null;
}

/** A table of keys only. */
@Table('marks')
export class Mark {
  @Column(string(50), { primary: true })
  book!: string;

  @Column(string(50), { primary: true })
  word!: string;
}

/** What is referred to comes first. */
export const LIBRARY: readonly EntityClass[] = [Shelf, Book, Loan, Mark];
