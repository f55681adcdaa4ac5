/**
 * One login from the first factor to the session. Every way of getting in ends in `complete`, so there
 * is exactly one place where an assertion is checked and a session opened.
 *
 * Between the two a second factor is asked, in one of two ways: on Postern's hosted pages, where one call
 * sends the browser and another reads what came of it (`routes/prompt.mjs`), or on pages of this site's
 * own, by the API (`routes/verify.mjs`, `routes/factors.mjs`). A real site takes one of them.
 *
 * The session's `flow` ties the Postern login to this browser: no login id is ever taken from a form.
 */
import { createHash, randomUUID } from 'node:crypto';
import { EVALUATE_LOGIN, GET_LOGIN, UPSERT_USER } from './queries.mjs';
import { redirect } from './http.mjs';
import { hasCode, problemsFrom } from './problems.mjs';
import { asksOnHostedPages } from './places.mjs';
import { openPrompt } from './prompt.mjs';
import { formatCookie } from './sessions.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/**
 * @typedef {object} Start
 * @property {import('./config.mjs').DemoUser} user
 * @property {'PASSWORD' | 'SSO' | 'ONE_TIME_LINK'} firstFactor
 * @property {'SIGN_IN' | 'STEP_UP'} purpose
 * @property {string} ipAddress
 * @property {string} [userAgent] played by the visitor; else the browser's own
 * @property {string} returnTo where to go on afterwards
 */

/** How long a browser keeps a device token, in seconds; Postern decides how long it is worth anything. */
const DEVICE_COOKIE_SECONDS = 90 * 86_400;

/** Each user of a shared browser has a device token of their own. @param {string} externalId */
const deviceCookie = (externalId) => `hl_device_${createHash('sha256').update(externalId).digest('base64url').slice(0, 12)}`;

/**
 * Ask Postern what this login needs.
 * @param {Context} context @param {Start} start
 * @returns {Promise<{answer: import('./http.mjs').Answer} | {userErrors: import('./problems.mjs').UserError[]}>}
 */
export async function begin(context, start) {
  const { postern } = context.services;
  let payload = await postern.mutate(EVALUATE_LOGIN, evaluateInput(context, start));
  if (start.purpose === 'SIGN_IN' && hasCode(payload.userErrors, 'NOT_FOUND')) {
    await introduce(context, start.user);
    payload = await postern.mutate(EVALUATE_LOGIN, evaluateInput(context, start));
  }
  if (payload.userErrors.length > 0) return { userErrors: payload.userErrors };
  adopt(context, payload.login, start);
  return { answer: await settle(context, payload.login) };
}

/** @param {Context} context @param {Start} start */
function evaluateInput(context, { user, firstFactor, purpose, ipAddress, userAgent = context.userAgent }) {
  return {
    user: { externalId: user.externalId },
    purpose,
    firstFactor,
    ipAddress,
    userAgent: userAgent?.slice(0, 500),
    deviceToken: context.cookies.get(deviceCookie(user.externalId)),
    idempotencyKey: randomUUID(),
  };
}

/** Tell Postern about a user it does not know yet. @param {Context} context @param {import('./config.mjs').DemoUser} user */
export async function introduce(context, user) {
  return context.services.postern.mutate(UPSERT_USER, {
    externalId: user.externalId,
    kind: user.kind,
    displayName: user.displayName,
    email: user.email,
    advisorEmail: context.services.config.advisorEmail,
  });
}

/** Tie a login to this browser's session. @param {Context} context @param {any} login @param {Start} start */
export function adopt(context, login, { user, firstFactor, purpose, ipAddress, userAgent, returnTo }) {
  delete context.data.pending;
  context.data.flow = {
    loginId: login.id,
    outcome: login.outcome,
    externalId: user.externalId,
    displayName: user.displayName,
    kind: login.user.kind, // by which the policy decides
    firstFactor,
    purpose,
    ipAddress,
    userAgent,
    returnTo,
  };
}

/** Send the browser where the login's outcome wants it. @param {Context} context @param {any} login */
export async function settle(context, login) {
  if (login.completedAt) return complete(context, login);
  if (login.outcome !== 'DENY' && asksOnHostedPages(context)) return askOnHostedPages(context, login);
  return context.go(login.outcome === 'ENROLL' ? '/enroll' : '/verify');
}

/** @param {Context} context @param {any} login */
async function askOnHostedPages(context, login) {
  const { url, userErrors } = await openPrompt(context, { loginId: login.id, purpose: 'LOGIN', returnTo: '/prompt-return' });
  return url ? redirect(url) : context.go('/sign-in', { problems: problemsFrom(userErrors) });
}

/**
 * Read the flow's login afresh.
 * @param {Context} context
 * @returns {Promise<{login: any, time: import('./words.mjs').TenantTime} | null>} null when it is gone or has run out
 */
export async function currentLogin(context) {
  const { flow } = context.data;
  if (!flow) return null;
  const { login, tenant } = await context.services.postern.request(GET_LOGIN, { id: flow.loginId });
  const over = !login || (!login.completedAt && login.outcome !== 'DENY' && Date.parse(login.expiresAt) <= Date.parse(tenant.clock));
  if (over || (login.completedAt && !login.assertion)) return null;
  return { login, time: tenant };
}

/** Forget a flow that cannot go on. @param {Context} context */
export function startAgain(context) {
  const returnTo = context.data.flow?.purpose === 'STEP_UP' ? '/settings' : '/sign-in';
  delete context.data.flow;
  delete context.data.pending;
  return context.go(returnTo, { notice: 'That sign-in has run out or was finished elsewhere. Please start again.' });
}

/**
 * The login is complete, says Postern: check that, and open the session.
 * @param {Context} context @param {any} login @param {string | null} [deviceToken]
 */
export async function complete(context, login, deviceToken) {
  const { flow } = context.data;
  const token = login.assertion ?? (await context.services.postern.request(GET_LOGIN, { id: flow.loginId })).login?.assertion;
  delete context.data.flow;
  delete context.data.pending;
  const claims = await context.services.assertions.verify(token, { loginId: flow.loginId, externalId: flow.externalId });
  if (deviceToken) rememberDevice(context, flow.externalId, deviceToken);
  openSession(context, flow, login, claims);
  return context.go(nextPage(flow, login), afterword(login));
}

/** @param {Context} context @param {any} flow @param {any} login @param {import('@postern/client').Claims} claims */
function openSession(context, flow, login, claims) {
  const { externalId, displayName, kind, firstFactor, ipAddress, userAgent, loginId } = flow;
  context.session.rotate();
  context.data.user = { externalId, displayName, kind, firstFactor, ipAddress, userAgent };
  context.data.lastLoginId = loginId;
  context.data.proof = {
    completedWith: login.completedWith,
    acr: claims.acr,
    amr: claims.amr,
    issuedAt: new Date(claims.iat * 1000).toISOString(),
    loginId,
  };
  const { outcome, reasons, level, riskScore, riskSignals, location } = login;
  context.data.why = { outcome, reasons, level, riskScore, riskSignals, location, ipAddress: login.ipAddress };
  if (provesAFactor(login)) context.data.verifiedLogin = { id: loginId, at: Date.now() };
}

/** Whether a completed login can stand for a change of factors; Postern has the last word. @param {any} login */
const provesAFactor = (login) => login.completedWith !== null && login.completedWith !== 'SKIPPED';

/** @param {any} flow @param {any} login */
function nextPage(flow, login) {
  if (login.completedWith === 'ENROLLED' && flow.purpose === 'SIGN_IN') return '/welcome';
  if (login.completedWith === 'TEMPORARY_ACCESS_CODE' && flow.purpose === 'SIGN_IN') return '/settings';
  return flow.returnTo;
}

/** @param {any} login @returns {import('./pages/layout.mjs').Flash | undefined} */
function afterword(login) {
  if (login.completedWith !== 'TEMPORARY_ACCESS_CODE') return undefined;
  return { notice: 'Your advisor’s code let you in this once. If you lost your phone, set up a new one here.' };
}

/** @param {Context} context @param {string} externalId @param {string} token */
export function rememberDevice(context, externalId, token) {
  const secure = context.services.config.secureCookies;
  context.setCookies.push(formatCookie(deviceCookie(externalId), token, { secure, maxAgeSeconds: DEVICE_COOKIE_SECONDS }));
}

/** The browser need not keep a token that is worth nothing any more. @param {Context} context @param {string} externalId */
export function forgetDevice(context, externalId) {
  const secure = context.services.config.secureCookies;
  context.setCookies.push(formatCookie(deviceCookie(externalId), '', { secure, maxAgeSeconds: 0 }));
}
