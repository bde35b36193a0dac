import { mkdir, writeFile } from 'node:fs/promises';
import { startMongo } from '../mongo/start.js';
import { publishRun } from './current-run.js';
import { isOfRun, isStale, newRunId } from './names.js';
import { SERVER_DRIVERS, SERVER_KINDS } from './drivers.js';
import type { FoundServer, MissingServer, MongoServer, ServerKind, TestRun } from './types.js';

/** Where the run's facts lie for the closing report of scripts/test.mjs. */
const RESULTS = new URL('../../../test-results/', import.meta.url);

export interface StartedRun {
  /** Drops what the tests left, stops the servers that were started for them. */
  stop(): Promise<void>;
}

/** Finds or starts every server, once per jest run. */
export async function startRun(): Promise<StartedRun> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const found = await Promise.all(
      SERVER_KINDS.map(async (kind) => {
        const { server, stop } = await SERVER_DRIVERS[kind].find();
        if (stop !== undefined) stops.push(stop);
        return [kind, server] as const;
      }),
    );
    const mongoServer = await startMongo();
    stops.push(() => mongoServer.stop());
    const mongo = pickFacts(mongoServer);
    const servers = Object.fromEntries(found) as Record<ServerKind, FoundServer | MissingServer>;
    const run: TestRun = { id: newRunId(), servers, mongo };
    await dropDatabases(run, isStale);
    await record(run);
    publishRun(run);
    return {
      stop: async () => {
        await dropDatabases(run, (name) => isOfRun(name, run.id));
        await stopAll(stops);
      },
    };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** Only what can be handed to the workers as JSON. */
function pickFacts({ url, kind, version, describe }: MongoServer): MongoServer {
  return { url, kind, version, describe };
}

async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  await Promise.all(stops.map((stop) => stop()));
}

/** Drops the test databases on all servers whose names are chosen. */
export async function dropDatabases(run: TestRun, chosen: (name: string) => boolean): Promise<void> {
  for (const server of Object.values(run.servers)) {
    if (!server.available) continue;
    const driver = SERVER_DRIVERS[server.kind];
    const names = (await driver.listTestDatabases(server.url)).filter((name) => chosen(name));
    for (const name of names) await driver.dropDatabase(server.url, name);
  }
}

/** URLs stay out of the file: they may hold passwords. */
async function record({ servers, mongo }: TestRun): Promise<void> {
  const facts = Object.values(servers).map((server) =>
    server.available
      ? { kind: server.kind, version: server.version, origin: server.origin }
      : { kind: server.kind, reason: server.reason, byUrlOnly: server.byUrlOnly },
  );
  await mkdir(RESULTS, { recursive: true });
  const mongoFacts = { kind: mongo.kind, version: mongo.version, describe: mongo.describe };
  await writeFile(
    new URL('servers.json', RESULTS),
    JSON.stringify({ servers: facts, mongo: mongoFacts }, null, 2),
  );
}
