/** The process itself: how it starts, what it says when it cannot, and how it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

const SERVER = fileURLToPath(new URL('../server.mjs', import.meta.url));
const ENVIRONMENT = { POSTERN_TENANT_ID: 't', POSTERN_API_KEY: 'secret-key', POSTERN_SUPPORT_API_KEY: 'secret-support', DEMO_ADVISOR_EMAIL: 'a@firm.example', HOST: '127.0.0.1' };

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param {import('node:test').TestContext} t @param {Record<string, string>} env */
function start(t, env) {
  const child = spawn(process.execPath, [SERVER], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'exit');
  return { child, ended, said: () => said };
}

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  test(`it serves, and ends cleanly on ${signal}`, async (t) => {
    const port = await freePort();
    const { child, ended, said } = start(t, { ...ENVIRONMENT, PORT: String(port) });
    await once(child.stderr, 'data');
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    assert.deepEqual(await answer.json(), { status: 'ok' });
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.doesNotMatch(said(), /secret-/);
  });
}

test('an address that the machine has not is no hindrance beside one that it has', async (t) => {
  const port = await freePort();
  const { child } = start(t, { ...ENVIRONMENT, PORT: String(port), HOST: '127.0.0.1,192.0.2.1' });
  await once(child.stderr, 'data');
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
});

test('what keeps it from starting is one sentence', async (t) => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => taken.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
  const cases = [
    [{ ...ENVIRONMENT, PORT: String(port) }, /^Port \d+ is in use/],
    [{ ...ENVIRONMENT, PORT: 'eighty' }, /^PORT must be a number/],
    [{ ...ENVIRONMENT, POSTERN_TENANT_ID: '' }, /^POSTERN_TENANT_ID is not set/],
    [{ ...ENVIRONMENT, POSTERN_URL: 'nowhere' }, /^POSTERN_URL must be a web address/],
    [{ ...ENVIRONMENT, DEMO_USERS: '{' }, /^DEMO_USERS must be a JSON list/],
  ];
  for (const [env, sentence] of cases) {
    const { ended, said } = start(t, /** @type {Record<string, string>} */ (env));
    assert.deepEqual(await ended, [1, null]);
    assert.match(said(), /** @type {RegExp} */ (sentence));
    assert.equal(said().trim().split('\n').length, 1);
  }
});
