/** The site before a Postern that answers by a script, and a browser before the site. */
import { AssertionVerifier, PosternClient } from '@postern/client';
import { createApp } from '../src/app.mjs';
import { readConfig } from '../src/config.mjs';
import { SessionStore } from '../src/sessions.mjs';
import { Directory } from '../src/users.mjs';
import { TENANT, goodClaims, readBody, serve, signer } from './support.mjs';

const USERS = JSON.stringify([{ externalId: 'ada.client', password: 'lighthouse-1', kind: 'EXTERNAL', displayName: 'Ada <b>' }]);
export const FAR = new Date(Date.now() + 3_600_000).toISOString();

/** @param {Record<string, unknown>} changes */
export const login = (changes) => ({
  id: 'login-1', purpose: 'SIGN_IN', outcome: 'CHALLENGE', reasons: ['HIGH_LEVEL'], level: 'HIGH', firstFactor: 'PASSWORD',
  ipAddress: '198.51.100.20', location: { country: 'US', city: 'San Francisco' }, riskScore: 0, riskSignals: [],
  createdAt: new Date().toISOString(), expiresAt: FAR, completedAt: null, completedWith: null, assertion: null, enrollmentPrompt: null,
  user: { id: 'u', externalId: 'ada.client', displayName: 'Ada <b>', kind: 'EXTERNAL' },
  methods: [
    { id: 'm-key', channel: 'PASSKEY', destination: null, phoneRole: null, preferred: true },
    { id: 'm-sms', channel: 'SMS', destination: '+1 ••• ••• 0123', phoneRole: 'PRIMARY', preferred: false },
  ],
  ...changes,
});

export const CHALLENGE = { id: 'c-1', channel: 'SMS', destination: '+1 ••• ••• 0123', status: 'PENDING', attemptsRemaining: 5, expiresAt: FAR, resendAt: FAR };
const POLICY = { internal: { trustedDeviceSeconds: 2_592_000 }, external: { trustedDeviceSeconds: 0 } };
export const TENANT_TIME = { clock: new Date().toISOString(), timeZone: 'America/Chicago', policy: POLICY };

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, (input: any) => any>} answers by operation name
 */
export async function setUp(t, answers) {
  const keys = await signer();
  /** @type {{operation: string, variables: any}[]} */
  const calls = [];
  const posternUrl = await serve(t, async (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-request-id', 'request-7');
    if (request.url === '/.well-known/jwks.json') return response.end(JSON.stringify({ keys: [keys.jwk] }));
    const { query, variables } = JSON.parse(await readBody(request));
    const [, operation = ''] = /(?:query|mutation) (\w+)/.exec(query) ?? [];
    calls.push({ operation, variables });
    const field = operation.charAt(0).toLowerCase() + operation.slice(1);
    const result = await answers[operation]?.(variables.input ?? variables);
    if (!result) return response.end(JSON.stringify({ errors: [{ message: `not scripted: ${operation}`, extensions: { code: 'INTERNAL' } }] }));
    return response.end(JSON.stringify({ data: query.startsWith('query') ? result : { [field]: { userErrors: [], ...result } } }));
  });
  const config = readConfig({ POSTERN_URL: posternUrl, POSTERN_TENANT_ID: TENANT, POSTERN_API_KEY: 'k', POSTERN_SUPPORT_API_KEY: 's', DEMO_ADVISOR_EMAIL: 'a@firm.example', DEMO_USERS: USERS });
  const client = new PosternClient({ url: posternUrl, apiKey: 'k', sleep: async () => {} });
  /** @type {Record<string, unknown>[]} */
  const logged = [];
  const site = await serve(t, createApp({
    config, postern: client, support: client, desk: client, directory: new Directory(config.users), sessions: new SessionStore(),
    assertions: new AssertionVerifier({ posternUrl, issuer: config.issuer, tenantId: TENANT }),
    log: (entry) => void logged.push(entry),
  }));
  const sign = (/** @type {any} */ changes) => keys.sign(goodClaims(posternUrl, changes));
  return { site, calls, sign, logged, browser: new Browser(site) };
}

/** Keeps cookies and does not follow redirects. */
export class Browser {
  /** @type {Map<string, string>} */
  cookies = new Map();

  /** @param {string} site */
  constructor(site) {
    this.site = site;
  }

  /** @param {string} path @param {Record<string, string>} [form] @param {Record<string, string>} [headers] */
  async go(path, form, headers = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.site + path, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { cookie, ...headers },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: response.status, to: response.headers.get('location'), headers: response.headers, text: await response.text() };
  }

  /** @param {Record<string, string>} [played] what the visitor pretends */
  signIn(played) {
    return this.go('/sign-in', { username: 'ada.client', password: 'lighthouse-1', address: '198.51.100.20', way: 'api', ...played });
  }
}
