/**
 * Coming back from a one-time link (S9). Postern's own page consumed the link and began a login; it
 * names that login in the address.
 *
 * An address can be forged or passed on, so reading it has no effect. The visitor sees whose sign-in it
 * is and presses a button; only then is the login tied to this browser, once, and the second factor is
 * still to come. A login id that is complete already, or began any other way, is worth nothing here.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { adopt, settle } from '../login-flow.mjs';
import { HttpError } from '../http.mjs';
import { linkPage } from '../pages/link.mjs';
import { GET_LOGIN } from '../queries.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** Logins that some browser has taken up, the oldest forgotten long after they ran out. @type {Set<string>} */
const claimed = new Set();

/** @param {string} loginId */
function claim(loginId) {
  claimed.add(loginId);
  const [oldest] = claimed;
  if (claimed.size > 10_000) claimed.delete(oldest);
}

/** @param {string} key @param {string} nonce @param {string} externalId */
const seal = (key, nonce, externalId) => createHmac('sha256', key).update(`link-state\0${nonce}\0${externalId}`).digest('base64url');

/** A `state` that only this site can make, bound to the person. @param {string} key @param {string} externalId */
export function makeState(key, externalId) {
  const nonce = randomBytes(16).toString('base64url');
  return `${nonce}.${seal(key, nonce, externalId)}`;
}

/** @param {string} key @param {string} state @param {string} externalId */
export function checkState(key, state, externalId) {
  const [nonce, mac = ''] = state.split('.');
  const expected = Buffer.from(seal(key, nonce, externalId));
  const given = Buffer.from(mac);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** @param {Context} context @param {string | null} loginId @param {string | null} state */
async function linkedLogin(context, loginId, state) {
  const { login, tenant } = loginId ? await context.services.postern.request(GET_LOGIN, { id: loginId }) : { login: null, tenant: null };
  const open = login && login.firstFactor === 'ONE_TIME_LINK' && !login.completedAt && Date.parse(login.expiresAt) > Date.parse(tenant.clock);
  // Links sent from Postern's console carry no state of ours; a state that is there must be right.
  const ours = !state || (open && checkState(context.services.config.supportApiKey, state, login.user.externalId));
  if (!open || !ours || claimed.has(login.id)) throw new HttpError(410, 'This link has been used or has run out. Ask your advisor for a new one.');
  return login;
}

/** @param {Context} context */
async function show(context) {
  const parameters = context.url.searchParams;
  const login = await linkedLogin(context, parameters.get('postern_login'), parameters.get('state'));
  return context.page({ title: 'Continue', stories: ['S9'], body: linkPage(login, parameters.get('state') ?? '') });
}

/** @param {Context} context */
async function take(context) {
  const login = await linkedLogin(context, context.form('login'), context.form('state') || null);
  claim(login.id);
  const { externalId, displayName, kind } = login.user;
  const { played } = context.data;
  for (const key of Object.keys(context.data)) delete context.data[key];
  if (played) context.data.played = played;
  context.session.rotate();
  adopt(context, login, {
    user: { externalId, displayName: displayName ?? externalId, kind, password: '' },
    firstFactor: 'ONE_TIME_LINK',
    purpose: 'SIGN_IN',
    ipAddress: login.ipAddress,
    returnTo: '/account',
  });
  return settle(context, login);
}

export const linkRoutes = { 'GET /link-return': show, 'POST /link-return': take };
