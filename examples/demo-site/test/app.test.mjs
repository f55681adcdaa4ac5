/** The site as a browser meets it, over real HTTP, before a Postern that answers by a script. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkState, makeState } from '../src/routes/link.mjs';
import { toE164 } from '../src/routes/factors.mjs';
import { Browser, CHALLENGE, FAR, TENANT_TIME, login, setUp } from './site.mjs';

test('a wrong password never reaches Postern', async (t) => {
  const { browser, calls } = await setUp(t, {});
  const { to } = await browser.go('/sign-in', { username: 'ada.client', password: 'wrong', address: '198.51.100.20' });
  assert.equal(to, '/sign-in');
  assert.match((await browser.go('/sign-in')).text, /do not go together/);
  assert.equal(calls.length, 0);
});

test('ALLOW with a good assertion opens a session under a new name', async (t) => {
  const { browser, sign, calls } = await setUp(t, {
    EvaluateLogin: async () => ({ login: login({ outcome: 'ALLOW', completedAt: FAR, assertion: await sign({ acr: 'postern:1fa' }) }) }),
  });
  await browser.go('/sign-in', { username: 'ada.client', password: 'wrong', address: '198.51.100.20' });
  const before = browser.cookies.get('hl_session');
  assert.equal((await browser.signIn()).to, '/account');
  assert.notEqual(browser.cookies.get('hl_session'), before);
  assert.match((await browser.go('/account')).text, /Good day, Ada &lt;b&gt;/);
  const { input } = calls[0].variables;
  assert.deepEqual([input.user, input.ipAddress, input.firstFactor], [{ externalId: 'ada.client' }, '198.51.100.20', 'PASSWORD']);
  assert.match(input.idempotencyKey, /^[\w-]{36}$/);
});

test('ALLOW without a good assertion opens nothing', async (t) => {
  for (const changes of [{ jti: 'login-2' }, { sub: 'grace.client' }, { aud: 'tenant-2' }, { iss: 'https://elsewhere.example' }]) {
    const { browser, sign, logged } = await setUp(t, {
      EvaluateLogin: async () => ({ login: login({ outcome: 'ALLOW', completedAt: FAR, assertion: await sign(changes) }) }),
    });
    const answer = await browser.signIn();
    assert.equal(answer.status, 502);
    assert.match(answer.text, /could not confirm your sign-in/);
    assert.equal((await browser.go('/account')).to, '/sign-in');
    assert.equal(logged.length, 1);
  }
});

test('a code goes out only on a post, and lets in once it is right', async (t) => {
  /** @type {any} */
  const open = login({});
  const { browser, sign, calls } = await setUp(t, {
    EvaluateLogin: () => ({ login: open }),
    GetLogin: () => ({ login: open, tenant: TENANT_TIME }),
    StartChallenge: () => ({ challenge: CHALLENGE }),
    VerifyChallenge: async ({ code }) =>
      code === '123456'
        ? { login: { ...open, completedAt: FAR, completedWith: 'SMS', assertion: await sign({}) }, challenge: CHALLENGE, deviceToken: 'device-token' }
        : { challenge: { ...CHALLENGE, attemptsRemaining: 4 }, userErrors: [{ code: 'WRONG_CODE', message: 'That is not the code.', field: ['code'] }] },
  });
  assert.equal((await browser.signIn()).to, '/verify');
  const page = await browser.go('/verify');
  assert.match(page.text, /Text a code to \+1 ••• ••• 0123/);
  assert.doesNotMatch(page.text, /m-key/);
  assert.equal(calls.filter((call) => call.operation === 'StartChallenge').length, 0);
  assert.equal((await browser.go('/verify/start', { methodId: 'm-sms' })).to, '/verify/code');
  await browser.go('/verify/code', { code: '000000' });
  const wrong = await browser.go('/verify/code');
  assert.match(wrong.text, /aria-describedby="code-problem"\s+aria-invalid="true"/);
  assert.match(wrong.text, /4 tries left/);
  assert.equal((await browser.go('/account')).to, '/sign-in');
  assert.equal((await browser.go('/verify/code', { code: '123456', remember: 'yes' })).to, '/account');
  assert.ok([...browser.cookies].some(([name, value]) => name.startsWith('hl_device_') && value === 'device-token'));
  assert.equal((await browser.go('/account')).status, 200);
});

test('whoever has no try left is told to start again, and gets no field for a code', async (t) => {
  const { browser } = await setUp(t, {
    EvaluateLogin: () => ({ login: login({}) }),
    GetLogin: () => ({ login: login({}), tenant: TENANT_TIME }),
    StartChallenge: () => ({ challenge: CHALLENGE }),
    VerifyChallenge: () => ({ challenge: { ...CHALLENGE, attemptsRemaining: 0 }, userErrors: [{ code: 'WRONG_CODE', message: 'That is not the code.', field: ['code'] }] }),
  });
  await browser.signIn();
  await browser.go('/verify/start', { methodId: 'm-sms' });
  assert.match((await browser.go('/verify/code')).text, /name="code"/);
  await browser.go('/verify/code', { code: '000000' });
  const { text } = await browser.go('/verify/code');
  assert.match(text, /Too many wrong codes/);
  assert.doesNotMatch(text, /name="code"/);
  assert.equal((await browser.go('/verify/cancel', {})).to, '/sign-in');
});

test('a device can be trusted only where the policy trusts devices', async (t) => {
  for (const [kind, words] of /** @type {const} */ ([['INTERNAL', 'Trust this device for 30 days'], ['EXTERNAL', 'This device cannot be remembered']])) {
    const open = login({ user: { id: 'u', externalId: 'ada.client', displayName: 'Ada', kind } });
    const { browser } = await setUp(t, {
      EvaluateLogin: () => ({ login: open }),
      GetLogin: () => ({ login: open, tenant: TENANT_TIME }),
      StartChallenge: () => ({ challenge: CHALLENGE }),
    });
    await browser.signIn();
    await browser.go('/verify/start', { methodId: 'm-sms' });
    const { text } = await browser.go('/verify/code');
    assert.ok(text.includes(words), kind);
    assert.equal(text.includes('name="remember"'), kind === 'INTERNAL', kind);
  }
});

test('a lost answer to the right code is made up for by reading the login again', async (t) => {
  /** @type {any} */
  let current = login({});
  const { browser, sign } = await setUp(t, {
    EvaluateLogin: () => ({ login: current }),
    GetLogin: () => ({ login: current, tenant: TENANT_TIME }),
    StartChallenge: () => ({ challenge: CHALLENGE }),
    VerifyChallenge: async () => {
      current = { ...current, completedAt: FAR, completedWith: 'SMS', assertion: await sign({}) };
      return { userErrors: [{ code: 'ALREADY_COMPLETED', message: 'Done already.' }] };
    },
  });
  await browser.signIn();
  await browser.go('/verify/start', { methodId: 'm-sms' });
  assert.equal((await browser.go('/verify/code', { code: '123456' })).to, '/verify');
  assert.equal((await browser.go('/verify')).to, '/account');
  assert.equal((await browser.go('/account')).status, 200);
});

test('DENY tells the reason and opens nothing', async (t) => {
  const denied = login({ outcome: 'DENY', reasons: ['USER_LOCKED'], methods: [] });
  const { browser } = await setUp(t, { EvaluateLogin: () => ({ login: denied }), GetLogin: () => ({ login: denied, tenant: TENANT_TIME }) });
  assert.equal((await browser.signIn()).to, '/verify');
  const page = await browser.go('/verify');
  assert.equal(page.status, 403);
  assert.match(page.text, /Your account is locked for now/);
  assert.equal((await browser.go('/account')).to, '/sign-in');
});

test('a link that somebody else could have made starts nothing', async (t) => {
  const linked = (/** @type {any} */ changes) => login({ firstFactor: 'ONE_TIME_LINK', reasons: ['ONE_TIME_LINK'], ...changes });
  /** @type {any} */
  let current;
  const { browser, site, sign } = await setUp(t, {
    GetLogin: () => ({ login: current, tenant: TENANT_TIME }),
    CreatePromptSession: () => ({ url: 'http://postern.example/prompt/open/t' }),
  });
  const complete = { completedAt: FAR, completedWith: 'SMS', assertion: await sign({}) };
  for (const bad of [null, login({}), linked(complete), linked({ expiresAt: '2020-01-01T00:00:00Z' })]) {
    current = bad;
    assert.equal((await browser.go('/link-return?postern_login=login-1')).status, 410);
    assert.equal((await browser.go('/link-return', { login: 'login-1' })).status, 410);
  }
  current = linked({});
  assert.equal((await browser.go(`/link-return?postern_login=login-1&state=${makeState('s', 'grace.client')}`)).status, 410);
  const state = makeState('s', 'ada.client');
  assert.match((await browser.go(`/link-return?postern_login=login-1&state=${state}`)).text, /Continue as Ada &lt;b&gt;\?/);
  assert.equal((await browser.go('/verify')).to, '/sign-in', 'looking at it has no effect');
  assert.match((await browser.go('/link-return', { login: 'login-1', state })).to ?? '', /^http:\/\/postern\.example\/prompt\/open\//);
  assert.equal((await new Browser(site).go('/link-return', { login: 'login-1', state })).status, 410, 'one browser takes it up');
});

test('the state of a link holds for one person and one key', () => {
  const state = makeState('key', 'ada');
  assert.ok(checkState('key', state, 'ada'));
  for (const [key, text, user] of [['other', state, 'ada'], ['key', state, 'grace'], ['key', `x${state}`, 'ada'], ['key', 'x', 'ada'], ['key', '', 'ada']]) {
    assert.equal(checkState(key, text, user), false);
  }
});

test('pages of the account need a session', async (t) => {
  const { browser, calls } = await setUp(t, {});
  for (const path of ['/account', '/welcome', '/settings', '/settings/backup-codes', '/settings/prove', '/factors/phone', '/factors/code', '/factors/app']) {
    assert.equal((await browser.go(path)).to, '/sign-in', path);
  }
  for (const path of ['/settings/level', '/settings/opt-out', '/settings/remove', '/factors/phone', '/factors/app', '/verify/code', '/verify/start', '/enroll/skip']) {
    assert.equal((await browser.go(path, { code: '1' })).to, '/sign-in', path);
  }
  assert.equal(calls.length, 0);
});

test('a change that needs a fresh proof leads to one, and never off the site', async (t) => {
  const { browser, sign } = await setUp(t, {
    EvaluateLogin: async ({ purpose }) => ({ login: purpose === 'STEP_UP' ? login({ purpose }) : login({ outcome: 'ALLOW', completedAt: FAR, assertion: await sign({}) }) }),
    EnrollPhone: () => ({ userErrors: [{ code: 'VERIFICATION_REQUIRED', message: 'Prove it first.' }] }),
  });
  await browser.signIn();
  const { to } = await browser.go('/factors/phone', { number: '4155550123', role: 'PRIMARY', reach: 'sms' });
  assert.equal(to, '/settings/prove?then=%2Ffactors%2Fphone%3Frole%3DPRIMARY');
  assert.match((await browser.go(String(to))).text, /Confirm that it is you/);
  assert.match((await browser.go('/factors/phone?role=PRIMARY')).text, /value="4155550123"/, 'what was typed is still there afterwards');
  assert.match((await browser.go('/settings/prove?then=https://evil.example')).text, /name="then" value="\/settings"/);
  assert.equal((await browser.go('/settings/prove', { then: '//evil.example' })).to, '/verify');
});

test('posts from other sites are refused, the site’s own are not', async (t) => {
  const { site } = await setUp(t, {});
  for (const headers of [{ origin: 'http://localhost:8080' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal((await new Browser(site).go('/sign-out', { a: 'b' }, /** @type {any} */ (headers))).status, 403, JSON.stringify(headers));
  }
  for (const headers of [{}, { origin: site }, { origin: site, 'sec-fetch-site': 'same-origin' }]) {
    assert.equal((await new Browser(site).go('/sign-out', { a: 'b' }, /** @type {any} */ (headers))).to, '/', JSON.stringify(headers));
  }
});

test('every answer is protected, errors too', async (t) => {
  const { browser } = await setUp(t, {});
  for (const path of ['/', '/sign-in', '/nope', '/static/site.css', '/healthz']) {
    const { headers } = await browser.go(path);
    assert.match(String(headers.get('content-security-policy')), /default-src 'none'.*frame-ancestors 'none'/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
  }
  assert.equal((await browser.go('/sign-in')).headers.get('cache-control'), 'no-store');
});

test('bad requests are told as such', async (t) => {
  const { browser, site } = await setUp(t, {});
  assert.equal((await browser.go('/nope')).status, 404);
  assert.equal((await browser.go('/verify/start')).status, 405);
  assert.equal((await browser.go('/static/../server.mjs')).status, 404);
  assert.equal((await browser.go('/sign-in', { username: 'x'.repeat(70_000) })).status, 413);
  assert.equal((await fetch(`${site}/sign-in`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status, 415);
  assert.equal((await fetch(`${site}/healthz`, { method: 'HEAD' })).status, 200);
});

test('trouble at Postern is a page with a request id, not a stack', async (t) => {
  const { browser, logged } = await setUp(t, {});
  const { status, text } = await browser.signIn();
  assert.equal(status, 500);
  assert.match(text, /request-7/);
  assert.doesNotMatch(text, /at .*\.mjs/);
  assert.equal(logged.length, 1);
  assert.equal(logged[0].requestId, 'request-7');
});

test('what people type for a number becomes E.164, the rest is Postern’s to judge', () => {
  assert.deepEqual(
    ['(415) 555-0123', '1 415 555 0123', '+44 20 7946 0958', '020 7946 0958', 'hello'].map(toE164),
    ['+14155550123', '+14155550123', '+442079460958', '02079460958', 'hello'],
  );
});
