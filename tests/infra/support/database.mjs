/** A migrated database of one's own on the test suite's PostgreSQL, gone with the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { PROGRAM } from './binary.mjs';

const PATIENCE = 120_000;

/** @returns {Promise<{query: (sql: string, values?: unknown[]) => Promise<any[]>, end: () => Promise<void>}>} as the tables' owner */
export async function database() {
  const child = spawn(join(dirname(PROGRAM), 'test-database'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const facts = await Promise.race([
    once(child.stdout, 'data', { signal: AbortSignal.timeout(PATIENCE) }).then(([line]) => JSON.parse(line)),
    gone.then(([code]) => Promise.reject(new Error(`test-database ended with ${code}`))),
  ]);
  const client = new pg.Client({ connectionString: facts.owner, connectionTimeoutMillis: PATIENCE, query_timeout: PATIENCE });
  await client.connect();
  return {
    query: async (sql, values) => [await client.query(sql, values)].flat().at(-1).rows,
    end: async () => {
      await client.end();
      child.stdin.end();
      await gone;
    },
  };
}
