/**
 * Sending a browser to Postern's hosted pages, and knowing it again when it comes back.
 *
 * The `state` is this browser's alone: it is kept in the session and compared on return, so that nobody
 * can have somebody else's browser finish a sign-in that they began.
 */
import { randomBytes } from 'node:crypto';
import { CREATE_PROMPT_SESSION, REDEEM_PROMPT_RESULT } from './queries.mjs';

/** @typedef {import('./context.mjs').Context} Context */

/**
 * @param {Context} context
 * @param {{loginId: string, purpose: 'LOGIN' | 'SETTINGS', returnTo: string}} about
 * @returns {Promise<{url: string | null, userErrors: import('./problems.mjs').UserError[]}>}
 */
export async function openPrompt(context, { loginId, purpose, returnTo }) {
  const state = randomBytes(16).toString('base64url');
  const returnUrl = context.services.config.siteUrl + returnTo;
  const payload = await context.services.postern.mutate(CREATE_PROMPT_SESSION, { loginId, purpose, returnUrl, state });
  if (payload.url) context.data.prompt = { state };
  return payload;
}

/**
 * What the browser brings back; null where it is not what this browser was sent for.
 * @param {Context} context
 * @returns {Promise<{login: any} | {error: string} | null>}
 */
export async function promptResult(context) {
  const { prompt } = context.data;
  delete context.data.prompt;
  const parameters = context.url.searchParams;
  if (!prompt || parameters.get('state') !== prompt.state) return null;
  const error = parameters.get('error');
  if (error) return { error };
  const redeemed = await context.services.postern.mutate(REDEEM_PROMPT_RESULT, { result: parameters.get('result') ?? '' });
  return redeemed.login && redeemed.state === prompt.state ? { login: redeemed.login } : null;
}
