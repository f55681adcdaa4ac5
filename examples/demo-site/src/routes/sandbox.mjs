/** Behind the scenes: the inbox of a tenant whose messages never leave Postern, and its clock. */
import { clockPage, inboxPage } from '../pages/sandbox.mjs';
import { fieldProblem, problemsFrom } from '../problems.mjs';
import { ADVANCE_CLOCK, GET_CLOCK, GET_INBOX } from '../queries.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** @param {Context} context */
async function showInbox(context) {
  const { tenant } = await context.services.postern.request(GET_INBOX);
  const held = context.url.searchParams.has('hold');
  return context.page({
    title: 'Sandbox inbox',
    width: 'wide',
    stories: ['S4', 'S9', 'S15'],
    refresh: held ? undefined : 3,
    body: inboxPage({ messages: tenant.messages.edges.map((/** @type {any} */ edge) => edge.node), time: tenant, held }),
  });
}

/** @param {Context} context */
async function showClock(context) {
  const { tenant } = await context.services.support.request(GET_CLOCK);
  return context.page({
    title: 'Sandbox clock',
    stories: ['S2', 'S3', 'S15'],
    body: (/** @type {any} */ flash) => clockPage({ tenant, flash, now: Date.now() }),
  });
}

/** @param {Context} context */
async function advance(context) {
  const typed = context.form('seconds');
  const seconds = Number(typed) * Number(context.form('unit') || 1);
  const outside = !Number.isInteger(seconds) || Math.abs(seconds) > 2_147_483_647;
  if (typed === '' || outside) {
    return context.go('/clock', { problems: fieldProblem('seconds', 'Please enter a whole number.'), values: { seconds: typed } });
  }
  const { userErrors } = await context.services.support.mutate(ADVANCE_CLOCK, { seconds });
  if (userErrors.length > 0) return context.go('/clock', { problems: problemsFrom(userErrors, { seconds: 'seconds' }), values: { seconds: typed } });
  return context.go('/clock', { notice: 'The clock has moved.' });
}

export const sandboxRoutes = { 'GET /inbox': showInbox, 'GET /clock': showClock, 'POST /clock': advance };
