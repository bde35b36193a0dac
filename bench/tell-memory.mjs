/*
 * Loaded into a process by `node --import`: it tells at its end the most memory that it had.
 */
import { writeSync } from 'node:fs';

process.on('exit', () => {
  writeSync(2, `peak memory: ${process.resourceUsage().maxRSS} kB\n`);
});
