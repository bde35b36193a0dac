export type ServerKind = 'postgres' | 'mariadb' | 'mysql' | 'oracle';

/** A server that the tests may create databases on. */
export interface FoundServer {
  available: true;
  kind: ServerKind;
  /** URL of an administrative connection, password included. */
  url: string;
  version: string;
  /** How it was obtained, for people: "already running on 127.0.0.1:5432". */
  origin: string;
}

export interface MissingServer {
  available: false;
  kind: ServerKind;
  /** Every way that was tried and why it failed. */
  reason: string;
  /** The kind is only ever tested by URL and none was given: nothing to skip, only to mention. */
  byUrlOnly: boolean;
}

export interface MongoServer {
  url: string;
  kind: string;
  version: string;
  describe: string;
}

/** What one test run works with; global setup finds it once, every test worker reads it. */
export interface TestRun {
  /** Part of the name of every database of this run: `<start in seconds, base 36>_<process id>`. */
  id: string;
  servers: Record<ServerKind, FoundServer | MissingServer>;
  mongo: MongoServer;
}

/** What the tests need of one DBMS. */
export interface ServerDriver {
  /** Also returns how to stop the server if it was started here. Throws if a given URL does not work. */
  find(): Promise<{ server: FoundServer | MissingServer; stop?: () => Promise<void> }>;
  /** Names of the databases (users on Oracle) that tests created, of whatever run. */
  listTestDatabases(adminUrl: string): Promise<string[]>;
  /** Returns the URL of the new, empty database. */
  createDatabase(adminUrl: string, name: string): Promise<string>;
  /** Ends the connections to the database and drops it; no error if it is gone already. */
  dropDatabase(adminUrl: string, name: string): Promise<void>;
}
