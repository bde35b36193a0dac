import { existsSync } from 'node:fs';
import { access, constants, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Document } from 'bson';
import { DbtoolError } from '../errors/dbtool-error.js';
import { canonicalJson } from './plain-json.js';
import type { ProblemRule } from './problem.js';

/** One thing that is wrong with a document. */
export interface RejectReason {
  /** Where: dotted, with list indexes, `spans[3].name`; null where it is the document as a whole. */
  path: string | null;
  /** Which kind of rule it breaks; `refused` for one of the database's. */
  rule: ProblemRule | 'undecodable' | 'refused';
  /** In words, with the path. */
  reason: string;
}

/** A document that is not in the database, and why. */
export interface Reject {
  collection: string;
  /** The `_id` in canonical Extended JSON; null when the document cannot be decoded. */
  id: unknown;
  reasons: RejectReason[];
  /** The whole document in canonical Extended JSON, or its bytes in base64. */
  document: unknown;
}

/**
 * The file of rejected documents: one JSON object a line, complete, so that a document can be mended
 * and imported from there. Made when the first document is rejected; readable for its owner only,
 * since documents may hold secrets.
 */
export class RejectsFile {
  private handle: Promise<FileHandle> | undefined;
  /** Rejects come from the reading and from the writing side at once: one line after the other. */
  private queue: Promise<void> = Promise.resolve();
  count = 0;
  private synced = 0;

  private constructor(readonly path: string) {}

  /** @throws DbtoolError `import.rejects.unwritable`, before anything is imported */
  static async prepare(file: string): Promise<RejectsFile> {
    const absolute = path.resolve(file);
    try {
      await access(path.dirname(absolute), constants.W_OK);
    } catch (error) {
      throw unwritable(absolute, error);
    }
    // Told now and not at the first reject, which may come after hours.
    if (existsSync(absolute)) throw unwritable(absolute, { code: 'EEXIST' });
    return new RejectsFile(absolute);
  }

  async add(collection: string, document: Document, reasons: readonly RejectReason[]): Promise<void> {
    const canonical = canonicalJson(document) as Record<string, unknown>;
    const told = reasons.map(({ path, rule, reason }) => ({ path, rule, reason }));
    await this.write({ collection, id: canonical['_id'] ?? null, reasons: told, document: canonical });
  }

  async addUnreadable(collection: string, bytes: Uint8Array, reason: string): Promise<void> {
    const document = { $bson: Buffer.from(bytes).toString('base64') };
    const told = { path: null, rule: 'undecodable' as const, reason: `cannot be decoded: ${reason}` };
    await this.write({ collection, id: null, reasons: [told], document });
  }

  /** Makes sure that what was added stays, whatever happens to this machine. */
  async sync(): Promise<void> {
    await this.queue;
    if (this.handle === undefined || this.count === this.synced) return;
    this.synced = this.count;
    try {
      await (await this.handle).datasync();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async close(): Promise<void> {
    // Why it could not be opened was told to whoever wanted to write.
    const handle = await this.handle?.catch(() => undefined);
    this.handle = undefined;
    await handle?.close();
  }

  private async write(reject: Reject): Promise<void> {
    this.queue = this.queue.then(() => this.append(`${JSON.stringify(reject)}\n`));
    return this.queue;
  }

  private async append(line: string): Promise<void> {
    try {
      // `wx`: an older run's rejects are never overwritten.
      this.handle ??= open(this.path, 'wx', 0o600);
      await (await this.handle).appendFile(line);
      this.count += 1;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }
}

function unwritable(file: string, error: unknown): DbtoolError {
  const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
  return new DbtoolError('import.rejects.unwritable', {
    message: `The rejects file ${file} cannot be written`,
    why: exists
      ? 'A file of that name exists, perhaps with the rejects of an earlier import.'
      : (error as Error).message,
    fix: 'Name another with --rejects.',
    cause: error,
  });
}
