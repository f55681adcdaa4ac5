/** The second factor on Postern's hosted pages: going there, coming back, and what must not be believed. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, FAR, TENANT_TIME, login, setUp } from './site.mjs';

const PROMPT = 'http://postern.example/prompt/open/token';
const done = async (/** @type {any} */ sign, changes = {}) => login({ completedAt: FAR, completedWith: 'SMS', assertion: await sign({}), ...changes });

/** The state that the browser was sent away with. @param {any[]} calls */
const stateOf = (calls) => calls.findLast((call) => call.operation === 'CreatePromptSession').variables.input.state;

/** @param {import('node:test').TestContext} t @param {Record<string, (input: any) => any>} [more] */
async function away(t, more = {}) {
  const scene = await setUp(t, { EvaluateLogin: () => ({ login: login({}) }), CreatePromptSession: () => ({ url: PROMPT }), ...more });
  const { to } = await scene.browser.signIn({ way: 'hosted' });
  return { ...scene, to };
}

test('whoever is to be asked is sent to the hosted pages, which the content policy lets a form lead to', async (t) => {
  const { browser, calls, to, site } = await away(t);
  assert.equal(to, PROMPT);
  const { input } = calls[1].variables;
  assert.deepEqual([input.loginId, input.purpose, new URL(input.returnUrl).pathname], ['login-1', 'LOGIN', '/prompt-return']);
  assert.ok(input.state.length >= 20);
  const { headers } = await browser.go('/sign-in');
  assert.match(headers.get('content-security-policy') ?? '', /form-action 'self' http:\/\/127\.0\.0\.1:\d+;/);
  await new Browser(site).signIn({ way: 'hosted' });
  assert.notEqual(stateOf(calls), input.state, 'each browser has a state of its own');
});

test('the hosted pages are what is chosen where nothing was', async (t) => {
  const { browser } = await setUp(t, { EvaluateLogin: () => ({ login: login({ outcome: 'ENROLL' }) }), CreatePromptSession: () => ({ url: PROMPT }) });
  assert.equal((await browser.go('/sign-in', { username: 'ada.client', password: 'lighthouse-1', address: '198.51.100.20' })).to, PROMPT);
});

test('a result is exchanged, its assertion checked, and the session opened under a new name', async (t) => {
  const { browser, calls, sign } = await away(t, { RedeemPromptResult: async () => ({ login: await done(sign), state: stateOf(calls) }) });
  const before = browser.cookies.get('hl_session');
  assert.equal((await browser.go(`/prompt-return?result=r-1&state=${stateOf(calls)}`)).to, '/account');
  assert.equal(calls.at(-1)?.variables.input.result, 'r-1');
  assert.notEqual(browser.cookies.get('hl_session'), before);
  assert.equal((await browser.go('/account')).status, 200);
});

test('a result without this browser’s state is not even exchanged', async (t) => {
  const { browser, calls, site } = await away(t, { RedeemPromptResult: () => assert.fail('exchanged') });
  const state = stateOf(calls);
  assert.equal((await new Browser(site).go(`/prompt-return?result=r-1&state=${state}`)).to, '/sign-in', 'another browser');
  assert.equal((await browser.go('/prompt-return?result=r-1&state=other')).to, '/sign-in');
  assert.equal((await browser.go(`/prompt-return?result=r-1&state=${state}`)).to, '/sign-in', 'one try');
  assert.equal((await browser.go('/account')).to, '/sign-in');
});

test('a result of another login, another state, or without a good assertion opens nothing', async (t) => {
  for (const [changes, state] of /** @type {[any, string | undefined][]} */ ([[{ jti: 'login-2' }, undefined], [{ sub: 'grace.client' }, undefined], [{}, 'other']])) {
    const { browser, calls, sign } = await away(t, {
      RedeemPromptResult: async () => ({ login: await done(sign, { assertion: await sign(changes) }), state: state ?? stateOf(calls) }),
    });
    const answer = await browser.go(`/prompt-return?result=r-1&state=${stateOf(calls)}`);
    assert.ok(answer.status === 502 || answer.to === '/sign-in', `${answer.status} ${answer.to}`);
    assert.equal((await browser.go('/account')).to, '/sign-in');
  }
});

test('a prompt that ended without a result says so', async (t) => {
  for (const [error, words] of [['denied', /could not be signed in/], ['canceled', /You left before/], ['expired', /has run out/], ['<b>', /has run out/]]) {
    const { browser, calls } = await away(t);
    assert.equal((await browser.go(`/prompt-return?error=${error}&state=${stateOf(calls)}`)).to, '/sign-in');
    assert.match((await browser.go('/sign-in')).text, /** @type {RegExp} */ (words));
    assert.equal((await browser.go('/account')).to, '/sign-in');
  }
});

test('the hosted settings are opened by a post, and ask for a fresh proof first where Postern says so', async (t) => {
  let isFresh = true;
  const stale = { userErrors: [{ code: 'VERIFICATION_REQUIRED', message: 'Prove it first.' }] };
  const scene = await away(t, {
    CreatePromptSession: ({ purpose }) => (purpose === 'LOGIN' || isFresh ? { url: `${PROMPT}?${purpose}` } : stale),
    RedeemPromptResult: async () => ({ login: await done(scene.sign), state: stateOf(scene.calls) }),
    GetSettings: () => ({ user: null, tenant: TENANT_TIME }),
  });
  const { browser, calls } = scene;
  await browser.go(`/prompt-return?result=r-1&state=${stateOf(calls)}`);
  assert.equal((await browser.go('/settings/hosted')).status, 405);
  assert.equal((await browser.go('/settings/hosted', {})).to, `${PROMPT}?SETTINGS`);
  assert.equal((await browser.go(`/prompt-return/settings?result=r-2&state=${stateOf(calls)}`)).to, '/settings');
  isFresh = false;
  assert.equal((await browser.go('/settings/hosted', {})).to, `${PROMPT}?LOGIN`);
  assert.equal(calls.findLast((call) => call.operation === 'EvaluateLogin')?.variables.input.purpose, 'STEP_UP');
});
