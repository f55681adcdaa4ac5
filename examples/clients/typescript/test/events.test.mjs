import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PosternClient, PosternError } from '../dist/index.js';
import { readBody, serve } from './support.mjs';

const SUBSCRIPTION = 'subscription ($id: ID!) { challengeUpdated(id: $id) { status } }';
const event = (status) => `event: next\ndata: ${JSON.stringify({ data: { challengeUpdated: { status } } })}\n\n`;
const COMPLETE = 'event: complete\ndata:\n\n';

/** A server whose connections each tell what the script says, and then end. */
async function setUp(t, script) {
  const requests = [];
  const url = await serve(t, async (request, response) => {
    requests.push({ headers: request.headers, body: JSON.parse(await readBody(request)) });
    await (script[requests.length - 1] ?? script.at(-1))(response);
  });
  return { client: new PosternClient({ url, apiKey: 'key', sleep: async () => {}, random: () => 0 }), requests };
}

const tells = (...chunks) => async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const chunk of chunks) {
    response.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  response.end();
};

const refuses = (status, code) => (response) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ message: 'no', extensions: { code } }] }));
};

async function all(states) {
  const told = [];
  for await (const { challengeUpdated } of states) told.push(challengeUpdated.status);
  return told;
}

test('states are told until the subscription is complete', async (t) => {
  const { client, requests } = await setUp(t, [tells(':\n\n', event('PENDING'), ':\n\n', event('VERIFIED') + COMPLETE, event('NEVER'))]);
  assert.deepEqual(await all(client.subscribe(SUBSCRIPTION, { id: 'c' })), ['PENDING', 'VERIFIED']);
  assert.equal(requests[0].headers.accept, 'text/event-stream');
  assert.deepEqual(requests[0].body, { query: SUBSCRIPTION, variables: { id: 'c' } });
});

test('an event that comes in pieces is one', async (t) => {
  const whole = event('PÉNDING\u{1F511}') + COMPLETE;
  const bytes = Buffer.from(whole);
  const { client } = await setUp(t, [tells(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))]);
  assert.deepEqual(await all(client.subscribe(SUBSCRIPTION)), ['PÉNDING\u{1F511}']);
});

test('a connection that ends or breaks without a word is begun anew', async (t) => {
  const breaks = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('PENDING'), () => response.destroy());
  };
  const { client, requests } = await setUp(t, [tells(event('PENDING')), breaks, refuses(503, 'UNAVAILABLE'), tells(event('VERIFIED'), COMPLETE)]);
  const told = await all(client.subscribe(SUBSCRIPTION));
  assert.deepEqual([told.at(-1), requests.length], ['VERIFIED', 4]);
});

test('what is refused is an error, before and within', async (t) => {
  for (const [status, code] of [[401, 'UNAUTHENTICATED'], [400, 'BAD_REQUEST'], [400, 'FORBIDDEN']]) {
    const { client, requests } = await setUp(t, [refuses(status, code)]);
    await assert.rejects(all(client.subscribe(SUBSCRIPTION)), (error) => error instanceof PosternError && error.code === code);
    assert.equal(requests.length, 1);
  }
  const missing = `event: next\ndata: ${JSON.stringify({ data: null, errors: [{ message: 'no', extensions: { code: 'NOT_FOUND' } }] })}\n\n`;
  const { client } = await setUp(t, [tells(missing + COMPLETE)]);
  await assert.rejects(all(client.subscribe(SUBSCRIPTION)), { code: 'NOT_FOUND' });
});

/** A server whose connections have no end, and how many of them were closed by the other side. */
async function endless(t) {
  const closed = [];
  const { client } = await setUp(t, [(response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write(event('PENDING')), 5);
    response.on('close', () => (clearInterval(timer), closed.push(true)));
  }]);
  return { client, closed };
}

async function until(condition) {
  for (let waited = 0; !condition() && waited < 2_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(condition());
}

test('whoever has heard enough leaves, and the connection with them', async (t) => {
  const { client, closed } = await endless(t);
  for await (const _state of client.subscribe(SUBSCRIPTION)) break;
  await until(() => closed.length === 1);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await all(client.subscribe(SUBSCRIPTION, {}, { signal: controller.signal }));
  await until(() => closed.length === 2);
});

test('to give up is heard though memory was collected meanwhile', { timeout: 20_000 }, async (t) => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc');
  const { client, closed } = await endless(t);
  const controller = new AbortController();
  const collecting = setInterval(collect, 3);
  t.after(() => clearInterval(collecting));
  setTimeout(() => controller.abort(), 100);
  await all(client.subscribe(SUBSCRIPTION, {}, { signal: controller.signal }));
  await until(() => closed.length === 1);
});
