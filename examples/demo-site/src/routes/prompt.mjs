/**
 * Postern's hosted pages: coming back from a sign-in, and the settings.
 *
 * What the browser brings is a result that is worth something once, for a minute, to this server alone;
 * the login with its assertion never travels through an address.
 */
import { begin, complete, startAgain } from '../login-flow.mjs';
import { redirect } from '../http.mjs';
import { generalProblem, hasCode, problemsFrom } from '../problems.mjs';
import { openPrompt, promptResult } from '../prompt.mjs';
import { signedIn } from './home.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** How a prompt may end without a result, for the visitor. @type {Record<string, string>} */
const ENDS = {
  denied: 'You could not be signed in this time. Please wait a little, or call your advisor.',
  canceled: 'You left before you were signed in.',
  expired: 'That sign-in has run out. Please start again.',
};

/** @param {Context} context */
async function comeBack(context) {
  const { flow } = context.data;
  const came = flow && (await promptResult(context));
  if (!came) return startAgain(context);
  if ('error' in came) return leave(context, came.error);
  return complete(context, came.login);
}

/** @param {Context} context @param {string} error */
function leave(context, error) {
  const to = context.data.flow.purpose === 'STEP_UP' ? '/settings' : '/sign-in';
  delete context.data.flow;
  return context.go(to, { problems: generalProblem(ENDS[error] ?? ENDS.expired) });
}

/** Postern says whether the last proof is fresh enough; if not, one is asked for first. @param {Context} context */
async function openSettings(context) {
  const { url, userErrors } = await openPrompt(context, {
    loginId: context.data.verifiedLogin?.id ?? context.data.lastLoginId,
    purpose: 'SETTINGS',
    returnTo: '/prompt-return/settings',
  });
  if (url) return redirect(url);
  return hasCode(userErrors, 'VERIFICATION_REQUIRED') ? proveFirst(context) : context.go('/settings', { problems: problemsFrom(userErrors) });
}

/** @param {Context} context */
async function proveFirst(context) {
  const { externalId, displayName, kind, firstFactor, ipAddress, userAgent } = context.data.user;
  const user = context.services.directory.find(externalId) ?? { externalId, displayName, kind, password: '' };
  const result = await begin(context, { user, firstFactor, purpose: 'STEP_UP', ipAddress, userAgent, returnTo: '/settings' });
  return 'answer' in result ? result.answer : context.go('/settings', { problems: problemsFrom(result.userErrors) });
}

/** @param {Context} context */
async function closeSettings(context) {
  const came = await promptResult(context);
  return context.go('/settings', { notice: came && 'login' in came ? 'Your settings are saved.' : 'You left the settings.' });
}

export const promptRoutes = {
  'GET /prompt-return': comeBack,
  'POST /settings/hosted': signedIn(openSettings),
  'GET /prompt-return/settings': signedIn(closeSettings),
};
