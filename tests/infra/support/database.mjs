/** A migrated database of one's own on the test suite's PostgreSQL, gone with the test. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { PROGRAM } from './binary.mjs';
import { ROOT } from './chart.mjs';

const PATIENCE = 120_000;

/** A query as its last statement answers it, by a connection. */
const asked = (client) => async (sql, values) => [await client.query(sql, values)].flat().at(-1).rows;

/** The superuser's URL of a database of the test server. */
function superuserOf(name) {
  const done = spawnSync(join(dirname(PROGRAM), 'test-postgres'), ['url'], { cwd: ROOT, encoding: 'utf8', timeout: PATIENCE });
  if (done.status !== 0) throw new Error(`test-postgres url: ${done.stderr || done.error}`);
  const url = new URL(done.stdout.trim());
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * As the tables' owner; `superuser` and `connect` for who has to be somebody else.
 * @returns {Promise<{query: (sql: string, values?: unknown[]) => Promise<any[]>, end: () => Promise<void>, [more: string]: any}>}
 */
export async function database() {
  const child = spawn(join(dirname(PROGRAM), 'test-database'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const facts = await Promise.race([
    once(child.stdout, 'data', { signal: AbortSignal.timeout(PATIENCE) }).then(([line]) => JSON.parse(line)),
    gone.then(([code]) => Promise.reject(new Error(`test-database ended with ${code}`))),
  ]);
  const clients = [];
  const connect = async (connectionString) => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE });
    await client.connect();
    clients.push(client);
    return client;
  };
  const name = new URL(facts.owner).pathname.slice(1);
  return {
    facts,
    name,
    connect,
    query: asked(await connect(facts.owner)),
    superuser: async () => asked(await connect(superuserOf(name))),
    end: async () => {
      await Promise.all(clients.map((client) => client.end()));
      child.stdin.end();
      await gone;
    },
  };
}
