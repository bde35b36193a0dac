/** Databases of MongoDB's own that a dump may hold. */
export const SYSTEM_DATABASES: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

/** Collections of MongoDB's own. */
export function isSystemCollection(name: string): boolean {
  return name.startsWith('system.') || name === 'oplog';
}
