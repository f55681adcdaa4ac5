// Against a running server: what the README shows, and what only a real one can say.

import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AssertionError,
  AssertionVerifier,
  ChallengeUpdatedDocument,
  PosternClient,
  PosternError,
  PosternRefusal,
  TemporaryAccessRequestUpdatedDocument,
  verifyWebhook,
} from '../dist/index.js';
import { startPostern } from '../../../../tests/node/server.mjs';
import { readBody, serve } from './support.mjs';

const FROM = { ipAddress: '198.51.100.7', userAgent: 'Test/1.0' };

let server, tenant, url, postern, desk, assertions;
let number = 3_000_000 + (process.pid % 1_000) * 1_000;

before(async () => {
  Object.assign(process.env, { POSTERN_WEBHOOKS__ALLOW_HTTP: 'true', POSTERN_WEBHOOKS__ALLOW_PRIVATE: 'true' });
  server = await startPostern();
  ({ url } = server.facts);
  tenant = server.facts.tenants.find(({ environment }) => environment === 'SANDBOX');
  postern = new PosternClient({ url, apiKey: tenant.apiKey });
  desk = new PosternClient({ url, apiKey: tenant.supportApiKey });
  assertions = new AssertionVerifier({ posternUrl: url, tenantId: tenant.id });
});
after(() => server?.stop());

/** The code of a challenge, from the sandbox's inbox. */
async function codeOf(challenge) {
  for (let step = 0; step < 200; step += 1) {
    const { node } = await postern.request('query ($id: ID!) { node(id: $id) { ... on Challenge { message { sandboxBody } } } }', { id: challenge.id });
    const code = /\d{6}/.exec(node?.message?.sandboxBody ?? '')?.[0];
    if (code) return code;
    await sleep(50);
  }
  throw new Error('no code came');
}

/** Somebody with a mobile, enrolled within a first login; that login's assertion. */
async function enrolled(externalId) {
  await postern.logins.upsertUser({ externalId, kind: 'EXTERNAL' });
  const login = await postern.logins.evaluate({ user: { externalId }, firstFactor: 'PASSWORD', ...FROM });
  assert.equal(login.outcome, 'ENROLL');
  const { factor, challenge } = await postern.logins.enrollPhone({ user: { externalId }, number: `+1415${(number += 1)}`, loginId: login.id });
  const confirmed = await postern.logins.confirm({ factorId: factor.id, code: await codeOf(challenge), loginId: login.id });
  return { login, assertion: confirmed.login.assertion };
}

/** A login that asks. */
async function asked(externalId) {
  const login = await postern.logins.evaluate({ user: { externalId }, firstFactor: 'PASSWORD', purpose: 'STEP_UP', ...FROM });
  assert.equal(login.outcome, 'CHALLENGE');
  const challenge = await postern.logins.start({ loginId: login.id, methodId: login.methods[0].id });
  return { login, challenge };
}

const refused = (promise, code) => assert.rejects(promise, (error) => error instanceof PosternRefusal && error.code === code);

test('three calls, and an assertion that is believed once and for its own login alone', async () => {
  const first = await enrolled('client-assertion');
  const expected = { loginId: first.login.id, externalId: 'client-assertion', acrRank: 30 };
  const disbelieved = (promise) => assert.rejects(promise, AssertionError);
  await disbelieved(assertions.verify(first.assertion, { ...expected, externalId: 'somebody-else' }));
  await disbelieved(assertions.verify(first.assertion, { ...expected, acrRank: 40 }));
  await disbelieved(new AssertionVerifier({ posternUrl: url, tenantId: server.facts.tenants.find(({ id }) => id !== tenant.id).id }).verify(first.assertion, expected));
  const claims = await assertions.verify(first.assertion, expected);
  assert.deepEqual([claims.aud, claims.acr, claims.acr_rank], [tenant.id, 'postern:2fa', 30]);
  await disbelieved(assertions.verify(first.assertion, expected));

  const { login, challenge } = await asked('client-assertion');
  const done = await postern.logins.verify({ challengeId: challenge.id, code: await codeOf(challenge) });
  await assertions.verify(done.login.assertion, { loginId: login.id, externalId: 'client-assertion', acrRank: 30 });
  assert.equal((await postern.logins.get(login.id)).completedWith, 'SMS');
});

test('a wrong code is a refusal that tells how many tries are left', async () => {
  await enrolled('client-wrong');
  const { challenge } = await asked('client-wrong');
  const code = await codeOf(challenge);
  const wrong = code === '000000' ? '000001' : '000000';
  const error = await postern.logins.verify({ challengeId: challenge.id, code: wrong }).then(assert.fail, (thrown) => thrown);
  assert.ok(error instanceof PosternRefusal && error.has('WRONG_CODE'));
  assert.deepEqual([error.payload.challenge.attemptsRemaining, error.userErrors[0].field], [4, ['code']]);
  await postern.logins.verify({ challengeId: challenge.id, code });
  await refused(postern.logins.verify({ challengeId: challenge.id, code }), 'ALREADY_COMPLETED');
  await refused(postern.logins.evaluate({ user: { externalId: 'nobody' }, firstFactor: 'PASSWORD', ...FROM }), 'NOT_FOUND');
});

test('a login under one key is one login', async () => {
  await enrolled('client-key');
  const input = { user: { externalId: 'client-key' }, firstFactor: 'PASSWORD', purpose: 'STEP_UP', idempotencyKey: 'once', ...FROM };
  const [first, second] = await Promise.all([postern.logins.evaluate(input), postern.logins.evaluate(input)]);
  assert.equal(first.id, second.id);
});

test('no key, a key that may not, and a query that does not hold are errors with codes', async () => {
  const nobody = new PosternClient({ url, apiKey: 'pk_nonsense' });
  const failed = (promise, code) => assert.rejects(promise, (error) => error instanceof PosternError && error.code === code && error.requestId !== null);
  await failed(nobody.request('{ viewer { __typename } }'), 'UNAUTHENTICATED');
  await failed(postern.request('{ nothing }'), 'BAD_REQUEST');
  await failed(postern.must('mutation ($input: LockUserInput!) { lockUser(input: $input) { userErrors { code message field } } }', { user: { externalId: 'client-key' }, reason: 'a test' }), 'FORBIDDEN');
});

test('a challenge is told to its end', async () => {
  await enrolled('client-told');
  const { challenge } = await asked('client-told');
  const code = await codeOf(challenge);
  const states = [];
  for await (const { challengeUpdated } of postern.subscribe(ChallengeUpdatedDocument, { id: challenge.id })) {
    states.push(challengeUpdated.status);
    if (states.length === 1) await postern.logins.verify({ challengeId: challenge.id, code });
  }
  assert.deepEqual([states[0], states.at(-1)], ['PENDING', 'VERIFIED']);
  await assert.rejects(async () => {
    for await (const _ of postern.subscribe(ChallengeUpdatedDocument, { id: 'nonsense' }));
  }, { code: 'NOT_FOUND' });
});

test('the advisor answers, and the page that waits hears of it', async () => {
  await enrolled('client-asks');
  const { login } = await asked('client-asks');
  const { request } = await postern.logins.askAdvisor({ loginId: login.id, note: 'New phone' });
  const states = [];
  for await (const { temporaryAccessRequestUpdated } of postern.subscribe(TemporaryAccessRequestUpdatedDocument, { id: request.id })) {
    states.push(temporaryAccessRequestUpdated.status);
    if (states.length > 1) continue;
    await desk.must('mutation ($input: DeclineTemporaryAccessRequestInput!) { declineTemporaryAccessRequest(input: $input) { request { id } userErrors { code message field } } }', { id: request.id, reason: 'Not sure who it is' });
  }
  assert.deepEqual([states[0], states.at(-1)], ['OPEN', 'DECLINED']);
});

test('webhooks are believed as they come', async (t) => {
  const received = [];
  const endpoint = await serve(t, async (request, response) => {
    received.push({ headers: request.headers, body: await readBody(request) });
    response.end();
  });
  const { secret } = await desk.must(
    'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret userErrors { code message field } } }',
    { url: `${endpoint}/hooks`, events: ['FACTOR_ADDED'] },
  );
  await enrolled('client-hook');
  for (let step = 0; step < 200 && received.length === 0; step += 1) await sleep(50);
  const [{ headers, body }] = received;
  const event = await verifyWebhook(secret, headers, body);
  assert.deepEqual([event.type, event.data.kind], ['factor.added', 'PHONE_PRIMARY']);
  await assert.rejects(verifyWebhook(secret, headers, body.replace('factor.added', 'user.locked')));
});

test('the README’s example signs somebody in', async (t) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, example] = /## One login\s+```js\n([^]*?)```/.exec(readme);
  const place = new URL('./readme-example.mjs', import.meta.url);
  t.after(() => rm(place, { force: true }));
  await writeFile(place, example.replace("'@postern/client'", "'../dist/index.js'"));
  Object.assign(process.env, { POSTERN_URL: url, POSTERN_API_KEY: tenant.apiKey, POSTERN_TENANT_ID: tenant.id });
  const { signIn } = await import(place.href);
  await enrolled('client-readme');
  const levels = 'mutation ($input: ChooseSecurityLevelInput!) { chooseSecurityLevel(input: $input) { user { id } userErrors { code message field } } }';
  await desk.must(levels, { user: { externalId: 'client-readme' }, level: 'HIGH' });
  let asks = 0;
  const ask = async (message) => {
    asks += 1;
    if (asks === 1) return 'nonsense';
    assert.match(message, /4 tries are left/);
    return newestCode();
  };
  const claims = await signIn('client-readme', FROM.ipAddress, FROM.userAgent, ask);
  assert.deepEqual([claims.sub, claims.acr_rank, asks], ['client-readme', 30, 2]);
});

/** The code that went out last. */
async function newestCode() {
  await sleep(1_000);
  const { tenant: own } = await postern.request('{ tenant { messages(first: 1) { edges { node { sandboxBody } } } } }');
  return /\d{6}/.exec(own.messages.edges[0].node.sandboxBody)[0];
}
