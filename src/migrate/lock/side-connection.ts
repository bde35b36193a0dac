import { DataSource, type DataSourceOptions } from 'typeorm';
import type { OpenDatabase } from '../../database/data-source.js';

/**
 * A connection beside the pool, which may have a single one that is in use. The caller destroys it.
 * @throws driver errors as they are
 */
export async function openSideConnection({ dataSource, dialect }: OpenDatabase): Promise<DataSource> {
  const options = { ...dataSource.options, entities: [], subscribers: [], poolSize: 1 } as DataSourceOptions;
  const side = new DataSource(options);
  dialect.teachDriver?.(side);
  return side.initialize();
}
