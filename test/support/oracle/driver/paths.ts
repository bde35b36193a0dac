import { fileURLToPath } from 'node:url';

/** Where all that is made of the stand-in's sources lies. */
export const CACHE = fileURLToPath(new URL('../../../../.cache/oracle-stand-in/', import.meta.url));
/** What `oracledb` is in the tests (jest.config.mjs maps it). */
export const DRIVER = `${CACHE}oracledb.cjs`;
/** For `node --require`, in programs that the tests spawn. */
export const PRELOAD = `${CACHE}preload.cjs`;
