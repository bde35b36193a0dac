/*
 * What bench/import.mjs prints, and its limits.
 */

/** Of the import into Postgres: the least or the most of each. */
const LIMITS = {
  /** Share of the speed of `psql \copy`. */
  bulk: 0.7,
  /** Multiple of the speed of TypeORM's `repository.save`. */
  save: 10,
  /** Share of the log that a repeated import writes. */
  repeated: 0.01,
  /** MB of the process. */
  memory: 250,
  /** Memory for four times the documents, as a multiple. */
  growth: 1.1,
  /** Seconds of a run with `--since last` while the file is the same. */
  unchanged: 3,
};

/**
 * A program's run.
 *
 * @typedef {object} Run
 * @property {number} ms
 * @property {number} documents that it wrote or looked at
 * @property {number} [memory] in MB
 * @property {number} [bytes] of the write-ahead log
 */

/**
 * All that was measured once on a database.
 *
 * @typedef {object} Round
 * @property {Run} first
 * @property {Run} repeated
 * @property {Run} bulk
 * @property {Run} [save] on Postgres only
 */

/**
 * @param {Round[]} rounds
 * @returns {boolean} whether all limits hold; there are some on Postgres only
 */
export function reportRounds(kind, bulkName, rounds) {
  console.log(`\n${kind}`);
  const runsOf = (name) => rounds.map((round) => round[name]);
  printRuns('dbtool import', runsOf('first'));
  printRuns('the same again', runsOf('repeated'));
  printRuns(bulkName, runsOf('bulk'));
  // Of each round for itself: from one to the next the machine may have become slower.
  const bulk = median(rounds.map((round) => rate(round.first) / rate(round.bulk)));
  const bulkText = `${kind}: speed as a share of ${bulkName}`;
  if (kind !== 'postgres') {
    console.log(`${bulkText}: ${bulk.toFixed(2)}, no limit`);
    return true;
  }
  printRuns("TypeORM's save", runsOf('save'));
  const save = median(rounds.map((round) => rate(round.first) / rate(round.save)));
  const repeated = median(rounds.map((round) => round.repeated.bytes / round.first.bytes));
  return [
    judge(bulkText, bulk.toFixed(2), bulk >= LIMITS.bulk, LIMITS.bulk),
    judge(
      `${kind}: speed as a multiple of TypeORM's save`,
      save.toFixed(1),
      save >= LIMITS.save,
      LIMITS.save,
    ),
    judge(
      `${kind}: log of the repeated import, as a share`,
      repeated.toFixed(4),
      repeated <= LIMITS.repeated,
      LIMITS.repeated,
    ),
    judgeMemory(kind, memoryOf(rounds)),
  ].every(Boolean);
}

function judgeMemory(kind, memory) {
  return judge(`${kind}: peak memory in MB`, memory.toFixed(0), memory <= LIMITS.memory, LIMITS.memory);
}

/** The most memory of an import, in the median of the rounds. */
function memoryOf(rounds) {
  return median(rounds.map(({ first, repeated }) => Math.max(first.memory, repeated.memory)));
}

/**
 * @param {{ first: Run, unchanged: Run, reread: Run }} large
 * @param {Round[]} rounds with a quarter of the documents
 */
export function reportLarge({ first, unchanged, reread }, rounds) {
  printRuns('dbtool import', [first]);
  printRuns('the same again', [unchanged]);
  printRuns('again, file touched', [reread]);
  const memory = Math.max(first.memory, unchanged.memory, reread.memory);
  const growth = memory / memoryOf(rounds);
  const seconds = unchanged.ms / 1000;
  return [
    judge(
      'large: peak memory as a multiple',
      `${growth.toFixed(2)} (${memory.toFixed(0)} MB)`,
      growth <= LIMITS.growth,
      LIMITS.growth,
    ),
    judge(
      'large: second run in s, same file',
      seconds.toFixed(1),
      seconds < LIMITS.unchanged,
      LIMITS.unchanged,
    ),
  ].every(Boolean);
}

function rate({ documents, ms }) {
  return documents / (ms / 1000);
}

/** A line of the medians. */
function printRuns(name, runs) {
  const [{ memory, bytes }] = runs;
  const of = (read) => median(runs.map(read));
  const cells = [
    `${of(({ ms }) => ms / 1000).toFixed(1)} s`.padStart(9),
    `${of(rate).toFixed(0)}/s`.padStart(10),
    memory === undefined ? '' : `${of((run) => run.memory).toFixed(0)} MB`.padStart(8),
    bytes === undefined ? '' : `${of((run) => run.bytes / 1e6).toFixed(1)} MB of log`.padStart(18),
  ];
  console.log(`  ${name.padEnd(24)}${cells.join('')}`);
}

function judge(what, value, holds, limit) {
  console.log(`${what}: ${value}, limit ${limit}: ${holds ? 'holds' : 'EXCEEDED'}`);
  return holds;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
