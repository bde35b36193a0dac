/*
 * npm run bench:mapping [-- --documents 2000]
 *
 * What dbtool itself does with a document between reading and writing, for traces of about 7 KB with 5 spans:
 * looking through its bytes, mapping them to checked rows with their JSON text, and mapping so what was decoded
 * before. As multiples of the time in which the bson package decodes the same document: microseconds depend on the machine, the ratio hardly does.
 * Rounds take turns, and the best of each counts. Exits with 1 if a limit is broken.
 */
import { join } from 'node:path';
import { deserialize, serialize } from 'bson';
import { build } from '../scripts/build.mjs';
import { ROOT } from '../scripts/lib/process.mjs';
import { traceDocument } from './lib/trace-documents.mjs';

const ROUNDS = 12;
/** Most that each may take, as a multiple of decoding. */
const LIMITS = { examine: 0.4, bytes: 1.6, map: 2 };

const documents = Math.max(100, Number(process.argv[process.argv.indexOf('--documents') + 1]) || 2000);

await build();
const load = (module) => import(join(ROOT, 'build', 'src', 'import', `${module}.js`));
const { createMapper } = await load('mapper');
const { createFrameMapper } = await load('bson/frame-mapper');
const { mappingFor } = await load('mappings/all-mappings');
const { BSON_OPTIONS } = await load('sources/bson-file');
const { examine } = await load('bson/frame');

const frames = Array.from({ length: documents }, (_, index) => serialize(traceDocument(index)));
const decoded = frames.map((frame) => deserialize(frame, BSON_OPTIONS));
const map = createMapper(mappingFor('traces'));
const mapFrame = createFrameMapper(mappingFor('traces'));
const onCoerced = (field, what) => {
  throw new Error(`${field} is coerced: ${what}`);
};

const CASES = {
  decode: (index) => deserialize(frames[index], BSON_OPTIONS).spans.length === 5,
  examine: (index) => examine(frames[index]) === undefined,
  bytes: (index) => mapFrame(frames[index], decoded[index]._id)?.children[0].rows.length === 5,
  map: (index) => map(decoded[index], onCoerced).mapped.children[0].rows.length === 5,
};

const best = Object.fromEntries(Object.keys(CASES).map((name) => [name, Number.POSITIVE_INFINITY]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of Object.entries(CASES)) best[name] = Math.min(best[name], measure(name, run));
}
for (const [name, us] of Object.entries(best)) {
  const ratio = us / best.decode;
  const limit = LIMITS[name];
  const holds = limit === undefined || ratio <= limit;
  const verdict = limit === undefined ? '' : `, limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`;
  console.log(
    `${name.padEnd(8)}${us.toFixed(1).padStart(7)} us a document, ${ratio.toFixed(2)} of decoding${verdict}`,
  );
  if (!holds) process.exitCode = 1;
}

/** Microseconds of this process's own time for each document, which others on the machine hardly change. */
function measure(name, run) {
  const start = process.cpuUsage();
  for (let index = 0; index < documents; index += 1)
    if (!run(index)) throw new Error(`${name} gives something else for document ${index}`);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / documents;
}
