import * as Flags from '@oclif/core/flags';
import { DatabaseCommand } from '../../cli/database-command.js';
import { duration } from '../../cli/progress.js';
import { type Column, renderTable } from '../../cli/table.js';
import type { ImportRun } from '../../entities/import-run.js';

interface Line {
  started: string;
  took: string;
  status: string;
  source: string;
  read: number;
  written: number;
  unchanged: number;
  rejected: number;
  who: string;
}

const COLUMNS: readonly Column<Line>[] = [
  { key: 'started', header: 'STARTED' },
  { key: 'took', header: 'TOOK', align: 'right' },
  { key: 'status', header: 'STATUS' },
  { key: 'source', header: 'SOURCE' },
  { key: 'read', header: 'READ', align: 'right' },
  { key: 'written', header: 'WRITTEN', align: 'right' },
  { key: 'unchanged', header: 'UNCHANGED', align: 'right' },
  { key: 'rejected', header: 'REJECTED', align: 'right' },
  { key: 'who', header: 'BY' },
];

export default class ImportHistory extends DatabaseCommand<typeof ImportHistory> {
  static override summary = 'Show the imports that there were, the latest first.';
  static override description = `Tells of each import who ran it, how it ended (completed, stopped, failed, killed), what it read and \
wrote, where its rejects are, and with --json what became of each collection. What a killed one had done is not \
counted: see import status.`;
  static override examples = [
    { description: 'The last 20 imports:', command: '<%= config.bin %> import history' },
    {
      description: 'The last one with all its collections:',
      command: '<%= config.bin %> import history --limit 1 --json',
    },
  ];
  static override flags = {
    limit: Flags.integer({ summary: 'At most so many.', helpValue: 'N', min: 1, default: 20 }),
    source: Flags.string({ summary: 'Only of this source, named as it is shown.', helpValue: 'SOURCE' }),
  };

  protected async execute() {
    const [{ ALL_ENTITIES }, { readImportHistory }] = await Promise.all([
      import('../../entities/all-entities.js'),
      import('../../import/import-status.js'),
    ]);
    const { limit, source } = this.flags;
    const imports = await this.withDatabase({ entities: ALL_ENTITIES, migrated: true }, (database) =>
      readImportHistory(database, limit, source),
    );
    if (imports.length === 0) this.out.data('There was no import yet.');
    else
      this.out.data(
        await renderTable(COLUMNS, imports.map(lineOf), {
          width: process.stdout.isTTY ? process.stdout.columns : undefined,
        }),
      );
    for (const { startedAt, endedAt, errorCode, errorMessage, rejectsFile } of imports) {
      const when = startedAt.toISOString();
      if (errorCode !== null) this.out.note(`${when}: ${errorMessage ?? ''} (${errorCode})`);
      if (rejectsFile !== null)
        this.out.note(`${when}: rejects${endedAt ? '' : ', if there are any,'} in ${rejectsFile}`);
    }
    return { data: { imports } };
  }
}

function lineOf(run: ImportRun): Line {
  return {
    started: run.startedAt.toISOString(),
    took: run.endedAt ? duration((run.endedAt.getTime() - run.startedAt.getTime()) / 1000) : '',
    status: run.status,
    source: run.source,
    read: run.documentsRead,
    written: run.documentsWritten,
    unchanged: run.documentsUnchanged,
    rejected: run.documentsRejected,
    who: `${run.userName}@${run.host}`,
  };
}
