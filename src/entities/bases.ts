import { Column, Keys } from '../database/model/decorators.js';
import { instant, json, string, text } from '../database/model/logical-type.js';

/**
 * What every table has that MongoDB data is imported into. `extra` takes each source field that has no
 * column of its own, so that nothing is lost.
 */
export abstract class Imported {
  @Column(string(255), { primary: true })
  id!: string;

  /** The `_id` in MongoDB: hexadecimal for an ObjectId, the text itself, else canonical Extended JSON. */
  @Column(string(255), { nullable: true })
  sourceId!: string | null;

  @Column(json(), { nullable: true })
  extra!: Record<string, unknown> | null;

  /**
   * Tells whether the document has changed since it was imported (src/import/content-hash.ts); null where
   * that is not known, or where the row was not imported.
   */
  @Column(string(50), { nullable: true })
  contentHash!: string | null;

  /** When an import first found the document to be gone at the source; null while it is there. */
  @Column(instant(), { nullable: true })
  sourceDeletedAt!: Date | null;
}

/** What admins configure: found by a system name that is unique within its kind. */
@Keys({ uniques: [['systemName']] })
export abstract class Configured extends Imported {
  @Column(string(255))
  systemName!: string;

  @Column(string(255), { nullable: true })
  name!: string | null;

  @Column(text(), { nullable: true })
  description!: string | null;

  @Column(string(100), { nullable: true })
  category!: string | null;

  @Column(instant(), { nullable: true })
  createdAt!: Date | null;

  @Column(string(255), { nullable: true })
  createdBy!: string | null;

  @Column(instant(), { nullable: true })
  updatedAt!: Date | null;

  @Column(string(255), { nullable: true })
  updatedBy!: string | null;
}

/** One of several settings of a feature; the settings themselves stay JSON. */
export interface Variant {
  variant: string;
  [setting: string]: unknown;
}
