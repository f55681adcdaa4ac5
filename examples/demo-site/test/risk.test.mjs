/** What the site tells Postern of a sign-in, what it tells the visitor of the answer, and devices that are trusted. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { policyInput, choicesOf } from '../src/routes/policy.mjs';
import { Browser, CHALLENGE, FAR, TENANT_TIME, login, setUp } from './site.mjs';

const SIGNALS = [
  { kind: 'IMPOSSIBLE_TRAVEL', score: 70, detail: '2,540 km from the last login 12 minutes ago.' },
  { kind: 'NEW_NETWORK', score: 15, detail: 'A network <i>not</i> seen in 90 days.' },
];
const RISKY = { reasons: ['RISK_DETECTED'], level: 'STANDARD', riskScore: 85, riskSignals: SIGNALS };
const PHONE = { __typename: 'PhoneFactor', id: 'f-1', status: 'PENDING', role: 'PRIMARY', line: 'MOBILE', destination: '+1 ••• ••• 0123' };
const PROMPT = { skippable: false, skipsRemaining: null, deadline: null, channels: ['SMS'], suggestedFactors: [] };
const STAFF = { user: { id: 'u', externalId: 'ada.client', displayName: 'Ada', kind: 'INTERNAL' } };

/** A Postern that lets in outright. @param {import('node:test').TestContext} t @param {Record<string, any>} [more] @param {any} [changes] */
async function allowing(t, more = {}, changes = {}) {
  const set = await setUp(t, {
    EvaluateLogin: async () => ({ login: login({ outcome: 'ALLOW', completedAt: FAR, assertion: await set.sign({ acr: 'postern:1fa' }), ...changes }) }),
    ...more,
  });
  return set;
}

/** @param {{operation: string, variables: any}[]} calls @param {string} operation */
const inputsOf = (calls, operation) => calls.filter((call) => call.operation === operation).map((call) => call.variables.input);

test('what the visitor pretends is what Postern is told, and pretending nothing is the truth', async (t) => {
  const { browser, calls } = await allowing(t);
  const played = [
    [{}, '198.51.100.20', /^node$/],
    [{ address: '2001:db8:2::5', browser: 'phone' }, '2001:db8:2::5', /iPhone/],
    [{ address: 'real', browser: 'real' }, '127.0.0.1', /^node$/],
    [{ address: '10.0.0.5', customAddress: '192.0.2.77', browser: 'computer' }, '192.0.2.77', /Windows/],
    [{ address: 'real', browser: 'no such browser' }, '127.0.0.1', /^node$/],
  ];
  for (const [form] of played) await browser.signIn(/** @type {any} */ (form));
  const told = inputsOf(calls, 'EvaluateLogin');
  played.forEach(([, address, userAgent], at) => {
    assert.equal(told[at].ipAddress, address);
    assert.match(told[at].userAgent, /** @type {RegExp} */ (userAgent));
  });
});

test('where and on what is labelled as the demo’s, and chosen again the next time', async (t) => {
  const { browser } = await allowing(t);
  const first = (await browser.go('/sign-in')).text;
  assert.match(first, /<legend>Only in this demo<\/legend>/);
  assert.match(first, /value="real"\s*>Where you really are \(127\.0\.0\.1\)/);
  for (const address of ['192.0.2.10', '198.51.100.20', '203.0.113.30', '203.0.113.200', '2001:db8:1::5', '2001:db8:2::5', '10.0.0.5']) {
    assert.ok(first.includes(`<option value="${address}"`), address);
  }
  await browser.signIn({ address: '203.0.113.200', browser: 'phone' });
  await browser.go('/sign-out', {});
  const next = (await browser.go('/sign-in')).text;
  assert.match(next, /value="203\.0\.113\.200" selected/);
  assert.match(next, /value="phone" selected/);
});

test('a fresh proof comes from where the sign-in came from', async (t) => {
  const { browser, calls } = await allowing(t);
  await browser.signIn({ address: '2001:db8:1::5', browser: 'phone' });
  await browser.go('/settings/prove', { then: '/settings' });
  const [signIn, stepUp] = inputsOf(calls, 'EvaluateLogin');
  assert.equal(stepUp.purpose, 'STEP_UP');
  assert.deepEqual([stepUp.ipAddress, stepUp.userAgent], [signIn.ipAddress, signIn.userAgent]);
});

test('after a sign-in the account says why a code was asked for, signal by signal', async (t) => {
  const open = login(RISKY);
  const { browser, sign } = await setUp(t, {
    EvaluateLogin: () => ({ login: open }),
    GetLogin: () => ({ login: open, tenant: TENANT_TIME }),
    StartChallenge: () => ({ challenge: CHALLENGE }),
    VerifyChallenge: async () => ({ login: { ...open, completedAt: FAR, completedWith: 'SMS', assertion: await sign({}) } }),
  });
  await browser.signIn();
  assert.doesNotMatch((await browser.go('/verify')).text, /2,540 km/, 'not before: a thief would read it too');
  await browser.go('/verify/start', { methodId: 'm-sms' });
  await browser.go('/verify/code', { code: '123456' });
  const { text } = await browser.go('/account');
  for (const words of [
    'Why you were asked for a code',
    'Something about this sign-in is unusual.',
    'San Francisco, United States',
    '85 of 100',
    '+70',
    '2,540 km from the last login 12 minutes ago.',
    'A network &lt;i&gt;not&lt;/i&gt; seen in 90 days.',
    'IMPOSSIBLE_TRAVEL',
  ]) {
    assert.ok(text.includes(words), words);
  }
});

test('and why none was asked for, from a place that nobody knows', async (t) => {
  const { browser } = await allowing(t, {}, { reasons: ['LOW_RISK'], level: 'STANDARD', location: null, ipAddress: '10.0.0.5' });
  await browser.signIn();
  const { text } = await browser.go('/account');
  for (const words of ['Why you were not asked for a code', 'unusual enough', 'An unknown place', '10.0.0.5', '0 of 100', 'Nothing was unusual.']) {
    assert.ok(text.includes(words), words);
  }
});

/** Answers with a code page, where the given device token comes with the right code. @param {any} open @param {string | null} deviceToken */
const withCode = (open, deviceToken) => ({
  EvaluateLogin: () => ({ login: open }),
  GetLogin: () => ({ login: open, tenant: TENANT_TIME }),
  StartChallenge: () => ({ challenge: CHALLENGE }),
  /** @this {any} */
  VerifyChallenge: async function verify() {
    return { login: { ...open, completedAt: FAR, completedWith: 'SMS', assertion: await this.sign({}) }, deviceToken };
  },
});

/** @param {import('node:test').TestContext} t @param {any} answers */
async function signing(t, answers) {
  const set = await setUp(t, answers);
  answers.sign = set.sign;
  return set;
}

/** @param {Browser} browser @param {Record<string, string>} form */
async function prove(browser, form) {
  await browser.signIn();
  await browser.go('/verify/start', { methodId: 'm-sms' });
  return browser.go('/verify/code', { code: '123456', ...form });
}

/** @param {Browser} browser */
const deviceCookies = (browser) => [...browser.cookies].filter(([name]) => name.startsWith('hl_device_'));

test('a device token is kept from scripts and other sites, and passed on at the next sign-in', async (t) => {
  const { browser, calls } = await signing(t, withCode(login(STAFF), 'device_token-1'));
  const { headers } = await prove(browser, { remember: 'yes' });
  const line = headers.getSetCookie().find((one) => one.startsWith('hl_device_'));
  assert.match(String(line), /^hl_device_[\w-]{12}=device_token-1; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  await browser.go('/sign-out', {});
  await browser.signIn();
  const [first, second] = inputsOf(calls, 'EvaluateLogin');
  assert.deepEqual([first.deviceToken, second.deviceToken], [undefined, 'device_token-1']);
  assert.equal(inputsOf(calls, 'VerifyChallenge')[0].rememberDevice, true);
});

test('a device is not remembered unasked, nor where Postern gives no token', async (t) => {
  const { browser, calls } = await signing(t, withCode(login(STAFF), null));
  await prove(browser, {});
  await browser.go('/sign-out', {});
  await prove(browser, { remember: 'yes' });
  assert.deepEqual(inputsOf(calls, 'VerifyChallenge').map((input) => input.rememberDevice), [false, true]);
  assert.deepEqual(deviceCookies(browser), []);
});

test('the token of one user of a browser is not passed on for another', async (t) => {
  const { browser, calls } = await signing(t, { ...withCode(login(STAFF), 'device_token-1'), UpsertUser: () => ({ user: { id: 'u-2' } }) });
  await prove(browser, { remember: 'yes' });
  await browser.go('/sign-out', {});
  const form = { username: 'grace', displayName: 'Grace', password: 'long-enough-1' };
  await browser.go('/register', form);
  await browser.go('/sign-in', { ...form, address: '198.51.100.20' });
  const last = inputsOf(calls, 'EvaluateLogin').at(-1);
  assert.deepEqual([last.user.externalId, last.deviceToken], ['grace', undefined]);
});

/** An enrollment within the login. @param {any} set filled in by the caller */
const enrolling = (set) => ({
  EvaluateLogin: () => ({ login: login({ ...STAFF, outcome: 'ENROLL', reasons: ['ENROLLMENT_REQUIRED'], methods: [], enrollmentPrompt: PROMPT }) }),
  GetTrust: () => ({ tenant: TENANT_TIME }),
  EnrollPhone: () => ({ factor: PHONE, challenge: CHALLENGE }),
  ConfirmFactor: async () => ({
    factor: { ...PHONE, status: 'ACTIVE' },
    login: login({ ...STAFF, outcome: 'ENROLL', completedAt: FAR, completedWith: 'ENROLLED', assertion: await set.sign({}) }),
    deviceToken: 'device_token-2',
  }),
});

test('the device can be trusted with the code that confirms a phone', async (t) => {
  /** @type {any} */
  const set = {};
  const { browser, calls, sign } = await setUp(t, enrolling(set));
  set.sign = sign;
  await browser.signIn();
  await browser.go('/factors/phone', { number: '4155550123', role: 'PRIMARY', reach: 'sms' });
  assert.match((await browser.go('/factors/code')).text, /Trust this device for 30 days/);
  assert.equal((await browser.go('/factors/code', { code: '123456', remember: 'yes' })).to, '/welcome');
  assert.equal(inputsOf(calls, 'ConfirmFactor')[0].rememberDevice, true);
  assert.deepEqual(deviceCookies(browser).map(([, value]) => value), ['device_token-2']);
});

const DEVICE = { id: 'device_1', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/144.0', createdAt: FAR, lastSeenAt: FAR, expiresAt: FAR };

/** @param {any[]} devices @param {number} seconds */
const settings = (devices, seconds) => () => ({
  user: {
    id: 'u', externalId: 'ada.client', displayName: 'Ada', kind: 'EXTERNAL', email: null, enrollment: 'ENROLLED', enrollmentRequiredFrom: null,
    securityLevel: 'STANDARD', chosenLevel: null, advisorLevel: null, factors: [], trustedDevices: devices,
  },
  tenant: {
    ...TENANT_TIME,
    policy: { internal: {}, external: { allowedChannels: ['SMS'], userMayChooseLevel: true, trustedDeviceSeconds: seconds } },
  },
});

test('the settings list trusted devices, and forget one or all', async (t) => {
  const { browser, calls } = await allowing(t, {
    GetSettings: settings([DEVICE], 2_592_000),
    ForgetDevices: () => ({ user: { id: 'u' } }),
    ConfirmFactor: () => ({ factor: PHONE, deviceToken: 'device_token-3' }),
    EnrollPhone: () => ({ factor: PHONE, challenge: CHALLENGE }),
    GetTrust: () => ({ tenant: TENANT_TIME }),
  });
  await browser.signIn();
  const page = (await browser.go('/settings')).text;
  assert.match(page, /Firefox on Windows/);
  assert.match(page, /name="deviceId" value="device_1"/);
  await browser.go('/factors/phone', { number: '4155550123', role: 'RECOVERY', reach: 'sms' });
  assert.equal((await browser.go('/factors/code', { code: '123456', remember: 'yes' })).to, '/settings');
  assert.equal(deviceCookies(browser).length, 1, 'a change in the settings can trust the device again');
  assert.equal((await browser.go('/settings/forget-device', { deviceId: 'device_1' })).to, '/settings');
  assert.equal(deviceCookies(browser).length, 1, 'it may have been another device');
  assert.equal((await browser.go('/settings/forget-devices', {})).to, '/settings');
  assert.equal(deviceCookies(browser).length, 0);
  const user = { externalId: 'ada.client' };
  assert.deepEqual(inputsOf(calls, 'ForgetDevices'), [{ user, deviceIds: ['device_1'] }, { user }]);
});

test('without a trusted device the settings say whether there could be one', async (t) => {
  for (const [seconds, words] of /** @type {const} */ ([[2_592_000, 'trusted for 30 days'], [0, 'let none of your devices be trusted']])) {
    const { browser } = await allowing(t, { GetSettings: settings([], seconds) });
    await browser.signIn();
    const { text } = await browser.go('/settings');
    assert.ok(text.includes(words), words);
    assert.doesNotMatch(text, /Forget all/);
  }
});

test('the advisor sees what happened to a client, and why', async (t) => {
  const { browser } = await setUp(t, {
    GetClient: () => ({
      user: {
        id: 'u', externalId: 'ada.client', displayName: 'Ada', kind: 'EXTERNAL', email: null, status: 'ACTIVE', lockedUntil: null, enrollment: 'ENROLLED',
        enrollmentRequiredFrom: null, securityLevel: 'STANDARD', chosenLevel: null, advisorLevel: null, factors: [], temporaryAccessCodes: [],
        logins: { edges: [{ node: login(RISKY) }, { node: login({ outcome: 'ALLOW', reasons: ['LOW_RISK'], completedAt: FAR, location: null }) }] },
      },
      tenant: { clock: TENANT_TIME.clock, timeZone: TENANT_TIME.timeZone, policy: { risk: { challengeThreshold: 50 } } },
    }),
  });
  const { text } = await browser.go('/advisor/client?id=ada.client');
  const [, first, second] = text.split('<ol class="plain logins">')[1].split('<li>\n  <p class="meta">');
  for (const words of ['asked', 'not completed', 'San Francisco', 'Something about this sign-in is unusual.', '85 of 100', '2,540 km']) assert.ok(first.includes(words), words);
  for (const words of ['not asked', 'An unknown place', 'unusual enough', 'Nothing was unusual.']) assert.ok(second.includes(words), words);
  assert.doesNotMatch(second, /not completed/);
  assert.match(text, /from a score of 50 on/);
});

test('the policy page can have the devices of clients trusted, and says so again', () => {
  const clock = TENANT_TIME.clock;
  const choices = { phase: 'mandatory', level: 'standard', email: false, office: false, abroad: false };
  for (const trust of [true, false]) {
    const { internal, external, allowedNetworks, phoneCountries } = policyInput({ ...choices, trust }, clock);
    assert.equal(external.trustedDeviceSeconds, trust ? 2_592_000 : 0);
    assert.equal('trustedDeviceSeconds' in internal, false, 'staff as a new tenant has it');
    const published = { external: { mandatoryFrom: clock, enrollmentOpensAt: null, minimumLevel: 'STANDARD', ...external }, allowedNetworks, phoneCountries };
    assert.equal(choicesOf(published, clock).trust, trust);
  }
});
