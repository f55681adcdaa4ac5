/**
 * The advisor's desk: what a firm would build into its own staff pages with a SUPPORT key. Each call
 * names the advisor in `X-Postern-Actor`, so that Postern applies her role and writes her name into the
 * audit log. A real firm puts its staff sign-in before these pages; the demo leaves the door open.
 */
import { PosternError } from '@postern/client';
import { clientPage, deskPage } from '../pages/advisor.mjs';
import { generalProblem, problemsFrom } from '../problems.mjs';
import {
  APPROVE_REQUEST,
  CHOOSE_SECURITY_LEVEL,
  DECLINE_REQUEST,
  GET_CLIENT,
  GET_DESK,
  ISSUE_CODE,
  LOCK_USER,
  RESET_USER,
  REVOKE_CODE,
  SEND_ONE_TIME_LINK,
  UNLOCK_USER,
} from '../queries.mjs';
import { HttpError } from '../http.mjs';
import { makeState } from './link.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** A code to be read out is kept for exactly one page. @param {Context} context */
function takeReveal(context) {
  const { reveal } = context.data;
  delete context.data.reveal;
  return reveal;
}

/** @param {Context} context */
async function showDesk(context) {
  const search = context.url.searchParams.get('search')?.trim() || null;
  const { tenant } = await context.services.desk.request(GET_DESK, { search });
  const held = context.url.searchParams.has('hold');
  const reveal = takeReveal(context);
  return context.page({
    title: 'Advisor’s desk',
    width: 'wide',
    stories: ['S7', 'S8', 'S9', 'S10'],
    refresh: !held && !reveal && !search && tenant.temporaryAccessRequests.edges.length === 0 ? 10 : undefined,
    body: (/** @type {any} */ flash) => deskPage({ tenant, search, reveal, flash, advisor: context.services.config.advisorEmail }),
  });
}

/** @param {Context} context */
async function showClient(context) {
  const externalId = context.url.searchParams.get('id') ?? '';
  const { user, tenant } = await context.services.desk.request(GET_CLIENT, { externalId });
  if (!user) throw new HttpError(404, 'There is no such client, or not one of this advisor’s.');
  return context.page({
    title: user.displayName ?? user.externalId,
    width: 'wide',
    stories: ['S5', 'S7', 'S9', 'S10'],
    body: (/** @type {any} */ flash) => clientPage({ user, tenant, reveal: takeReveal(context), flash }),
  });
}

/** @param {string} externalId */
const clientPath = (externalId) => `/advisor/client?id=${encodeURIComponent(externalId)}`;

/**
 * @typedef {object} Deed
 * @property {string} document
 * @property {(context: Context) => Record<string, unknown>} input
 * @property {string} done
 * @property {(payload: any, context: Context) => {title: string, code: string, text: string}} [reveal]
 */

/** One thing that an advisor does. @param {Deed} deed */
const act = ({ document, input, done, reveal }) => async (/** @type {Context} */ context) => {
  const externalId = context.form('externalId');
  const back = externalId ? clientPath(externalId) : '/advisor';
  const payload = await attempt(context, document, input(context));
  if (payload.problems) return context.go(back, { problems: payload.problems });
  if (reveal) context.data.reveal = reveal(payload, context);
  return context.go(back, { notice: done });
};

/**
 * Run a mutation; what the advisor's role does not allow is told like any other no.
 * @param {Context} context @param {string} document @param {Record<string, unknown>} input
 */
async function attempt(context, document, input) {
  try {
    const payload = await context.services.desk.mutate(document, input);
    return payload.userErrors.length > 0 ? { problems: problemsFrom(payload.userErrors) } : payload;
  } catch (error) {
    if (!(error instanceof PosternError && error.code === 'FORBIDDEN')) throw error;
    return { problems: generalProblem(`This advisor’s role does not allow that. ${error.message}`) };
  }
}

/** @param {Context} context */
const user = (context) => ({ externalId: context.form('externalId') });

/** @param {Context} context */
const withReason = (context) => ({ user: user(context), reason: context.form('reason') });

/** @param {Context} context */
const byId = (context) => ({ id: context.form('id'), reason: context.form('reason') });

const READ_OUT = 'Read it to the client on a number that you know. It is shown only now.';

export const advisorRoutes = {
  'GET /advisor': showDesk,
  'GET /advisor/client': showClient,
  'POST /advisor/approve': act({
    document: APPROVE_REQUEST,
    input: (context) => ({ ...byId(context), mayChangeFactors: context.checked('mayChangeFactors') }),
    done: 'Approved.',
    reveal: (payload) => ({
      title: `Code for ${payload.request?.user?.displayName ?? 'the client'}`,
      code: payload.code,
      text: `${READ_OUT} It works for this one sign-in alone.`,
    }),
  }),
  'POST /advisor/decline': act({ document: DECLINE_REQUEST, input: byId, done: 'Declined. The client sees that.' }),
  'POST /advisor/issue': act({
    document: ISSUE_CODE,
    input: (context) => ({
      ...withReason(context),
      validForSeconds: Number.parseInt(context.form('validForSeconds'), 10) || 900,
      mayChangeFactors: context.checked('mayChangeFactors'),
    }),
    done: 'A temporary access code is issued.',
    reveal: (payload) => ({ title: 'Temporary access code', code: payload.code, text: `${READ_OUT} It works once.` }),
  }),
  'POST /advisor/revoke': act({ document: REVOKE_CODE, input: (context) => ({ id: context.form('id') }), done: 'The code works no more.' }),
  'POST /advisor/lock': act({ document: LOCK_USER, input: withReason, done: 'The account is locked.' }),
  'POST /advisor/unlock': act({ document: UNLOCK_USER, input: withReason, done: 'The account is open again.' }),
  'POST /advisor/reset': act({
    document: RESET_USER,
    input: withReason,
    done: 'All factors, devices and links of this client are gone.',
    reveal: (payload) => ({ title: 'Code for setting up again', code: payload.code, text: `${READ_OUT} It is asked for at the next sign-in, before anything can be set up.` }),
  }),
  'POST /advisor/level': act({
    document: CHOOSE_SECURITY_LEVEL,
    input: (context) => ({ user: user(context), level: context.form('level') === 'HIGH' ? 'HIGH' : 'STANDARD' }),
    done: 'The level is set.',
  }),
  'POST /advisor/link': act({
    document: SEND_ONE_TIME_LINK,
    input: (context) => ({
      user: user(context),
      returnUrl: `${context.services.config.siteUrl}/link-return`,
      state: makeState(context.services.config.supportApiKey, context.form('externalId')),
    }),
    done: 'The link is in the mail: look into the sandbox inbox.',
  }),
};
