import type { LogicalType } from './logical-type.js';
import type { ForeignKeyTarget, KeyModel } from './table-model.js';

/** Type and nullability of a column. */
export interface ColumnForm {
  type: LogicalType;
  nullable: boolean;
}

export interface ForeignKeyModel {
  name: string;
  column: string;
  references: ForeignKeyTarget;
}

/** One change to a table that is there, in portable names and types. */
export type TableChange =
  | { change: 'add-column'; column: string; form: ColumnForm }
  | { change: 'drop-column'; column: string }
  | { change: 'rename-column'; from: string; to: string }
  | { change: 'change-column'; column: string; from: ColumnForm; to: ColumnForm }
  | { change: 'add-index' | 'drop-index' | 'add-unique' | 'drop-unique'; key: KeyModel }
  | { change: 'add-foreign-key' | 'drop-foreign-key'; key: ForeignKeyModel }
  | { change: 'add-primary-key' | 'drop-primary-key'; key: KeyModel };

export function isSameType(one: LogicalType, other: LogicalType): boolean {
  return (
    one.kind === other.kind &&
    (one.kind === 'string' ? one.length : 0) === (other.kind === 'string' ? other.length : 0)
  );
}
