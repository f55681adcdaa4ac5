/**
 * Webhooks as they arrive, verified by the specification's own library for this language.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { differences } from './catalogue.mjs';
import { startPostern } from './server.mjs';

const PATIENCE = 30_000;
/** @type {{headers: Record<string, string>, body: string}[]} */
const heard = [];

const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  heard.push({ headers: /** @type {any} */ (request.headers), body });
  response.writeHead(204).end();
});

let postern, url;
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${/** @type {any} */ (receiver.address()).port}/hooks`;
  process.env.POSTERN_WEBHOOKS__ALLOW_HTTP = process.env.POSTERN_WEBHOOKS__ALLOW_PRIVATE = 'true';
  postern = await startPostern();
});
after(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await postern?.stop();
});

/** @param {string} query @param {object} variables */
async function ask(query, variables, key = postern.facts.tenants[0].supportApiKey) {
  const response = await fetch(postern.graphql, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  const [payload] = Object.values(data);
  assert.deepEqual(payload.userErrors ?? [], []);
  return payload;
}

const create = () =>
  ask(
    `mutation ($url: String!) { createWebhookEndpoint(input: {url: $url}) { secret endpoint { id } userErrors { code message } } }`,
    { url },
  );

const tryOut = (id) =>
  ask(`mutation ($id: ID!) { testWebhookEndpoint(input: {id: $id}) { delivery { id webhookId } userErrors { code message } } }`, { id });

/** Whatever it says now; that it is a new version is what is told. */
async function publish() {
  const { policy } = await ask('{ tenant { policy { version } } }', {});
  return ask(
    `mutation ($version: Int!) { publishPolicy(input: {expectedVersion: $version, comment: "test",
       policy: {internal: {allowedChannels: [SMS]}, external: {allowedChannels: [SMS]}}}) {
       policy { id } userErrors { code message field } } }`,
    { version: policy.version },
  );
}

/** The first request of this type that is not among those heard before. */
async function hear(type, from) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const found = heard.slice(from).find(({ body }) => JSON.parse(body).type === type);
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`no ${type} within ${PATIENCE} ms; heard ${JSON.stringify(heard)}`);
}

// A server that somebody else started cannot call back here, nor are its keys known.
describe('webhooks', { skip: Boolean(process.env.POSTERN_URL) }, () => {
  test('a test is verified, and nothing that was changed', async () => {
    const { secret, endpoint } = await create();
    const { delivery } = await tryOut(endpoint.id);
    const { headers, body } = await hear('webhook.test', 0);
    assert.equal(headers['webhook-id'], delivery.webhookId);
    const event = /** @type {any} */ (new Webhook(secret).verify(body, headers));
    assert.deepEqual(event.data, { endpointId: endpoint.id });
    assert.throws(() => new Webhook(secret).verify(`${body} `, headers));
    assert.throws(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'event_1' }));
    assert.throws(() => new Webhook(secret).verify(body, { ...headers, 'webhook-timestamp': '1' }));
    assert.throws(() => new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(body, headers));
  });

  test('the same bytes are signed as the library signs them', async () => {
    const { secret, endpoint } = await create();
    const from = heard.length;
    await tryOut(endpoint.id);
    const { headers, body } = await hear('webhook.test', from);
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    assert.equal(headers['webhook-signature'], new Webhook(secret).sign(headers['webhook-id'], at, body));
  });

  test('both secrets verify while one takes over', async () => {
    const { secret, endpoint } = await create();
    const rotated = await ask(
      `mutation ($id: ID!) { rotateWebhookSecret(input: {id: $id}) { secret userErrors { code } } }`,
      { id: endpoint.id },
    );
    assert.notEqual(rotated.secret, secret);
    const from = heard.length;
    await tryOut(endpoint.id);
    const { headers, body } = await hear('webhook.test', from);
    for (const valid of [secret, rotated.secret]) new Webhook(valid).verify(body, headers);
  });

  test('a published policy is told to all three endpoints, under one identifier', async () => {
    const from = heard.length;
    const { policy } = await publish();
    const first = await hear('policy.published', from);
    assert.equal(JSON.parse(first.body).data.policyId, policy.id);
    const told = () => heard.slice(from).filter(({ body }) => JSON.parse(body).type === 'policy.published');
    for (let left = PATIENCE / 50; told().length < 3 && left > 0; left--) await sleep(50);
    assert.equal(told().length, 3);
    assert.equal(new Set(told().map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.equal(new Set(told().map(({ body }) => body)).size, 1);
  });

  test('all that is told is as docs/webhooks.md has it', async () => {
    const from = heard.length;
    const user = { externalId: 'told-of' };
    const { apiKey } = postern.facts.tenants[0];
    await ask('mutation ($i: UpsertUserInput!) { upsertUser(input: $i) { userErrors { code } } }', { i: { ...user, kind: 'EXTERNAL' } }, apiKey);
    const login = 'mutation ($i: EvaluateLoginInput!) { evaluateLogin(input: $i) { login { outcome } userErrors { code } } }';
    const input = { user, firstFactor: 'PASSWORD', ipAddress: '192.0.2.7' };
    await ask(
      'mutation ($i: IssueTemporaryAccessCodeInput!) { issueTemporaryAccessCode(input: $i) { userErrors { code } } }',
      { i: { user, reason: 'test', validForSeconds: 600 } },
    );
    await ask('mutation ($i: LockUserInput!) { lockUser(input: $i) { userErrors { code } } }', { i: { user, reason: 'test' } });
    assert.equal((await ask(login, { i: input }, apiKey)).login.outcome, 'DENY');
    for (const type of ['temporary_access.issued', 'user.locked', 'login.denied']) await hear(type, from);
    assert.deepEqual(heard.flatMap(({ body }) => differences(JSON.parse(body))), []);
  });

  test('what is not as the catalogue has it is told', () => {
    const body = { type: 'user.locked', timestamp: '2026-03-01T12:00:00.000Z', data: { userId: `user_${'0'.repeat(26)}`, until: null } };
    assert.deepEqual(differences(body), []);
    for (const other of [{ until: 'soon' }, { userId: 'user_1' }, { name: 'Ann' }]) {
      assert.notDeepEqual(differences({ ...body, data: { ...body.data, ...other } }), [], JSON.stringify(other));
    }
    assert.notDeepEqual(differences({ ...body, data: { userId: body.data.userId } }), []);
    assert.notDeepEqual(differences({ ...body, timestamp: 'now' }), []);
    assert.deepEqual(differences({ ...body, type: 'user.sang' }), ['user.sang is not in the catalogue']);
  });
});
