import { DatabaseCommand } from '../../cli/database-command.js';
import { type Column, renderTable } from '../../cli/table.js';
import type { CollectionStatus } from '../../import/import-status.js';

interface Line {
  source: string;
  collection: string;
  state: string;
  completed: string;
  documents: string;
  watermark: string;
}

const COLUMNS: readonly Column<Line>[] = [
  { key: 'source', header: 'SOURCE' },
  { key: 'collection', header: 'COLLECTION' },
  { key: 'state', header: 'STATE' },
  { key: 'completed', header: 'COMPLETED' },
  { key: 'documents', header: 'DOCUMENTS', align: 'right' },
  { key: 'watermark', header: 'WATERMARK' },
];

export default class ImportStatus extends DatabaseCommand<typeof ImportStatus> {
  static override summary = 'Show what was imported, and how far an import is.';
  static override description = `Tells of each collection of each source when an import of it was last completed, the watermark that \
--since last goes on from, and how far one is that is running or was stopped. Names the process that is importing \
at this moment.`;
  static override examples = [
    { description: 'Look how far the import is:', command: '<%= config.bin %> import status' },
    { description: 'The same for a monitor:', command: '<%= config.bin %> import status --json' },
  ];

  protected async execute() {
    const [{ ALL_ENTITIES }, { readImportStatus }, { describeHolder, holderDetails }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../import/import-status.js'),
      import('../../lock/holder.js'),
    ]);
    const { holder, collections } = await this.withDatabase(
      { entities: ALL_ENTITIES, migrated: true },
      readImportStatus,
    );
    if (collections.length === 0) this.out.data('Nothing was imported yet.');
    else
      this.out.data(
        await renderTable(COLUMNS, collections.map(lineOf), {
          width: process.stdout.isTTY ? process.stdout.columns : undefined,
        }),
      );
    if (holder) this.out.note(`An import is running: ${describeHolder(holder)}.`);
    return {
      data: { collections, running: holder ? { ...holderDetails(holder), run: holder.runId } : null },
    };
  }
}

function lineOf({ source, collection, ...one }: CollectionStatus): Line {
  const behind = one.documentsRead === null ? '' : `, behind document ${one.documentsRead}`;
  return {
    source,
    collection,
    state: `${one.state}${behind}`,
    completed: one.completedAt?.toISOString() ?? 'never',
    documents: one.documents === null ? '' : String(one.documents),
    watermark: one.watermark?.toISOString() ?? '',
  };
}
