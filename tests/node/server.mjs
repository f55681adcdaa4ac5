/**
 * A running Postern for tests: the one that POSTERN_URL and POSTERN_API_KEY name, or else `postern dev`
 * on free ports and in a folder of its own.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
const STEP = 100;
/** In steps: a first start makes a database. */
const PATIENCE = 1200;

/** @returns {Promise<{url: string, graphql: string, apiKey: string, facts: any, pid?: number, stop: () => Promise<void>}>} */
export async function startPostern() {
  const { POSTERN_URL: url, POSTERN_API_KEY: apiKey } = process.env;
  if (url && apiKey) return { url, graphql: `${url}/graphql`, apiKey, facts: null, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'postern-node-'));
  const env = {
    ...process.env,
    // A slow machine is waited for.
    POSTERN_DATABASE__TIMEOUT_MS: '5000',
    POSTERN_DATA_DIR: folder,
    POSTERN_LISTEN: '127.0.0.1:0',
    POSTERN_DEMO__LISTEN: 'localhost:0',
  };
  const program = process.env.POSTERN_BIN ?? join(ROOT, 'target/debug/postern');
  const child = spawn(program, ['dev'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let step = 0; step < PATIENCE; step++) {
    if (child.exitCode !== null) throw new Error(`postern dev ended:\n${said}`);
    const facts = await readFile(join(folder, 'dev.json'), 'utf8').then(JSON.parse, () => null);
    if (facts) return { url: facts.url, graphql: facts.graphql, apiKey: facts.tenants[0].apiKey, facts, pid: child.pid, stop };
    await sleep(STEP);
  }
  await stop();
  throw new Error(`postern dev did not come up:\n${said}`);
}
