import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { EvaluateLoginDocument, PosternClient, PosternError, PosternRefusal } from '../dist/index.js';
import { readBody, serve } from './support.mjs';

const QUERY = 'query Clock { tenant { clock } }';
const MUTATION = 'mutation VerifyChallenge($input: VerifyChallengeInput!) { verifyChallenge(input: $input) { userErrors { code } } }';

/** */
const reply = (status, body, headers = {}) => (response) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

/** @type {Reply} the connection breaks after the request was read */
const hangUp = (response) => response.destroy();

const FINE = reply(200, { data: { verifyChallenge: { userErrors: [] } } });

/**
 * A server that answers by a script, the last line over and over.
 *
 */
async function setUp(t, script, options = {}) {
  const requests = [];
  const url = await serve(t, async (request, response) => {
    requests.push({ headers: request.headers, url: request.url, body: JSON.parse(await readBody(request)) });
    (script[requests.length - 1] ?? script.at(-1) ?? FINE)(response, request);
  });
  const pauses = [];
  const sleep = async (ms) => void pauses.push(ms);
  return { client: new PosternClient({ url, apiKey: 'key', sleep, random: () => 0, ...options }), requests, pauses };
}

/** @returns {Promise<PosternError>} */
async function failure(promise) {
  const error = await promise.then(() => assert.fail('it should have failed'), (thrown) => thrown);
  assert.ok(error instanceof PosternError, String(error));
  return error;
}

test('a request carries the key, the document and the variables', async (t) => {
  const { client, requests } = await setUp(t, [FINE]);
  assert.deepEqual(await client.mutate(MUTATION, { code: '1' }), { userErrors: [] });
  assert.equal(requests[0].url, '/graphql');
  assert.equal(requests[0].headers.authorization, 'Bearer key');
  assert.equal(requests[0].headers['x-postern-actor'], undefined);
  assert.deepEqual(requests[0].body, { query: MUTATION, variables: { input: { code: '1' } } });
});

test('the desk names its advisor', async (t) => {
  const { client, requests } = await setUp(t, [FINE], { actor: 'advisor@firm.example' });
  await client.mutate(MUTATION, {});
  assert.equal(requests[0].headers['x-postern-actor'], 'advisor@firm.example');
});

test('a query is repeated after a broken connection', async (t) => {
  const { client, requests, pauses } = await setUp(t, [hangUp, hangUp, reply(200, { data: { tenant: {} } })]);
  assert.deepEqual(await client.request(QUERY), { tenant: {} });
  assert.equal(requests.length, 3);
  assert.deepEqual(pauses, [100, 200]);
});

test('it is not repeated for ever', async (t) => {
  const { client, requests } = await setUp(t, [hangUp]);
  assert.equal((await failure(client.request(QUERY))).code, 'UNREACHABLE');
  assert.equal(requests.length, 3);
});

test('a guess that may have been counted is not repeated', async (t) => {
  const { client, requests } = await setUp(t, [hangUp, FINE]);
  assert.equal((await failure(client.mutate(MUTATION, { code: '1' }))).code, 'UNREACHABLE');
  assert.equal(requests.length, 1);
});

test('a mutation with an idempotency key is repeated with the same key', async (t) => {
  const { client, requests } = await setUp(t, [hangUp, FINE]);
  await client.mutate(MUTATION, { idempotencyKey: 'k-1' });
  assert.deepEqual(requests.map((one) => one.body.variables.input.idempotencyKey), ['k-1', 'k-1']);
});

test('what was refused unread is repeated, even a guess', async (t) => {
  const busy = reply(503, { errors: [{ message: 'busy', extensions: { code: 'UNAVAILABLE' } }] });
  const { client, requests } = await setUp(t, [busy, FINE]);
  await client.mutate(MUTATION, { code: '1' });
  assert.equal(requests.length, 2);
});

test('UNAVAILABLE after execution began is repeated only where that is harmless', async (t) => {
  const broken = reply(200, { data: null, errors: [{ message: 'no database', extensions: { code: 'UNAVAILABLE' } }] });
  const guess = await setUp(t, [broken, FINE]);
  assert.equal((await failure(guess.client.mutate(MUTATION, {}))).code, 'UNAVAILABLE');
  assert.equal(guess.requests.length, 1);
  const query = await setUp(t, [broken, reply(200, { data: { tenant: {} } })]);
  await query.client.request(QUERY);
  assert.equal(query.requests.length, 2);
});

test('Retry-After is obeyed when short, and left to the user when long', async (t) => {
  const body = { errors: [{ message: 'busy', extensions: { code: 'UNAVAILABLE' } }] };
  const short = await setUp(t, [reply(503, body, { 'retry-after': '1' }), FINE]);
  await short.client.mutate(MUTATION, {});
  assert.deepEqual(short.pauses, [1_000]);
  const long = await setUp(t, [reply(503, body, { 'retry-after': '60' }), FINE]);
  assert.equal((await failure(long.client.mutate(MUTATION, {}))).retryAfterSeconds, 60);
  assert.equal(long.requests.length, 1);
});

test('a server that is not there is asked again, even for a guess', async () => {
  const closed = createServer();
  await new Promise((resolve) => closed.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = closed.address();
  await new Promise((resolve) => closed.close(resolve));
  const pauses = [];
  const client = new PosternClient({ url: `http://127.0.0.1:${port}`, apiKey: 'key', random: () => 0, sleep: async (ms) => void pauses.push(ms) });
  assert.equal((await failure(client.mutate(MUTATION, {}))).code, 'UNREACHABLE');
  assert.equal(pauses.length, 2);
});

test('a server that never answers is given up on', async (t) => {
  const { client, requests } = await setUp(t, [() => {}], { timeoutMs: 50 });
  assert.equal((await failure(client.mutate(MUTATION, {}))).code, 'UNREACHABLE');
  assert.equal(requests.length, 1);
});

test('a body without an end is given up on', async (t) => {
  const { client, requests } = await setUp(t, [(response) => response.write('{"data":')], { timeoutMs: 50 });
  assert.equal((await failure(client.mutate(MUTATION, {}))).code, 'UNREACHABLE');
  assert.equal(requests.length, 1);
});

test('errors keep their code, reason, wait and request id, and are not repeated', async (t) => {
  const limited = { errors: [{ message: 'slow down', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 7, reason: 'USER' } }] };
  const { client, requests } = await setUp(t, [reply(429, limited, { 'x-request-id': 'r-9' })]);
  const error = await failure(client.request(QUERY));
  assert.deepEqual(
    [error.code, error.status, error.retryAfterSeconds, error.reason, error.requestId, error.message],
    ['RATE_LIMITED', 429, 7, 'USER', 'r-9', 'slow down'],
  );
  assert.equal(requests.length, 1);
});

test('answers that are not GraphQL are told apart by status', async (t) => {
  const cases = [[401, 'UNAUTHENTICATED'], [403, 'FORBIDDEN'], [404, 'BAD_REQUEST'], [429, 'RATE_LIMITED'], [500, 'INTERNAL'], [200, 'MALFORMED']];
  for (const [status, code] of cases) {
    const { client } = await setUp(t, [reply(status, '<html>')]);
    assert.equal((await failure(client.request(QUERY))).code, code);
  }
});

test('data beside an error is not used', async (t) => {
  const { client } = await setUp(t, [reply(200, { data: { tenant: {} }, errors: [{ message: 'half' }] })]);
  assert.equal((await failure(client.request(QUERY))).message, 'half');
});

test('the key is not carried along a redirect', async (t) => {
  const { client, requests } = await setUp(t, [reply(307, '', { location: '/elsewhere' }), FINE]);
  await failure(client.mutate(MUTATION, {}));
  assert.equal(requests.length, 1);
});

// ---- what the types promise

test('a refusal is a value, or is thrown with all that was told', async (t) => {
  const told = { userErrors: [{ code: 'WRONG_CODE', message: 'Not it.', field: ['code'] }], challenge: { attemptsRemaining: 3 } };
  const { client, requests } = await setUp(t, [reply(200, { data: { verifyChallenge: { login: null, deviceToken: null, ...told } } })]);
  assert.deepEqual((await client.mutate(MUTATION, {})).userErrors, told.userErrors);
  const error = await client.logins.verify({ challengeId: 'c', code: '1' }).then(assert.fail, (thrown) => thrown);
  assert.ok(error instanceof PosternRefusal && error.has('WRONG_CODE') && !error.has('EXPIRED'));
  assert.deepEqual([error.code, error.message, error.payload.challenge.attemptsRemaining], ['WRONG_CODE', 'Not it.', 3]);
  assert.equal(requests.length, 2, 'a guess is not repeated');
});

test('a login is asked for under a key of its own, or the caller\u2019s', async (t) => {
  const { client, requests } = await setUp(t, [hangUp, reply(200, { data: { evaluateLogin: { login: { id: 'l' }, userErrors: [] } } })]);
  const input = { user: { externalId: 'ada' }, firstFactor: 'PASSWORD', ipAddress: '192.0.2.1' };
  await client.logins.evaluate(input);
  const keys = requests.map((one) => one.body.variables.input.idempotencyKey);
  assert.match(keys[0], /^[0-9a-f-]{36}$/);
  assert.equal(keys[0], keys[1], 'the same when it is repeated');
  await client.logins.evaluate({ ...input, idempotencyKey: 'mine' });
  assert.equal(requests.at(-1).body.variables.input.idempotencyKey, 'mine');
  assert.equal(requests.at(-1).body.query, EvaluateLoginDocument.toString());
});

test('a partner names its tenant', async (t) => {
  const { client, requests } = await setUp(t, [FINE], { tenantId: 'tenant_9' });
  await client.mutate(MUTATION, {});
  assert.equal(requests[0].headers['x-postern-tenant'], 'tenant_9');
});

test('a call that is given up stops at once, and says so', async (t) => {
  const { client, requests } = await setUp(t, [() => {}]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  assert.equal((await failure(client.request(QUERY, {}, { signal: controller.signal }))).code, 'ABORTED');
  assert.equal(requests.length, 1);
});

test('pauses differ, so that all who failed together do not come back together', async (t) => {
  const { client, pauses } = await setUp(t, [hangUp], { random: () => 1 });
  await failure(client.request(QUERY));
  assert.deepEqual(pauses, [50, 100]);
});

test('what only begins like a query is none', async (t) => {
  for (const text of ['query A { a } mutation B { b }', 'mutation { a }', '# query\nmutation { a }']) {
    const { client, requests } = await setUp(t, [hangUp]);
    await failure(client.request(text));
    assert.equal(requests.length, 1, text);
  }
  for (const text of ['{ a }', 'fragment F on T { a } query { ...F }']) {
    const { client, requests } = await setUp(t, [hangUp]);
    await failure(client.request(text));
    assert.equal(requests.length, 3, text);
  }
});

test('neither a message nor a trace holds the key', async (t) => {
  const { client } = await setUp(t, [hangUp], { apiKey: 'pk_secret' });
  const error = await failure(client.mutate(MUTATION, {}));
  assert.ok(!`${error.stack}${JSON.stringify(error)}${JSON.stringify(client)}`.includes('pk_secret'));
});
