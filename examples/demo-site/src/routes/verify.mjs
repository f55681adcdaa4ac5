/**
 * The second step of a sign-in: choose a way, enter the code, or ask the advisor.
 *
 * Each GET reads the login from Postern afresh, so that reloading, going back, and a code that the
 * advisor issued meanwhile all show the truth. Only a POST sends or spends anything.
 */
import { complete, currentLogin, startAgain } from '../login-flow.mjs';
import { generalProblem, fieldProblem, hasCode, problemsFrom } from '../problems.mjs';
import { GET_REQUEST, REQUEST_TEMPORARY_ACCESS, START_CHALLENGE, VERIFY_CHALLENGE } from '../queries.mjs';
import { choosePage, codePage, deniedPage, optionsPage, waitingPage } from '../pages/verify.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** What this site can offer: it has no page for passkeys. @param {any} login */
const usableMethods = (login) => login.methods.filter((/** @type {any} */ method) => method.channel !== 'PASSKEY');

/**
 * Run a page for the open login, or leave if there is none or it is settled.
 * @param {(context: Context, current: {login: any, time: import('../words.mjs').TenantTime}) => any} show
 */
const withLogin = (show) => async (/** @type {Context} */ context) => {
  const current = await currentLogin(context);
  if (!current) return startAgain(context);
  if (current.login.completedAt) return complete(context, current.login);
  return show(context, current);
};

/** @param {Context} context @param {{login: any}} current */
function showMethods(context, { login }) {
  if (login.outcome === 'DENY') return showDenied(context, login);
  if (login.outcome === 'ENROLL') return context.go('/enroll');
  const { flow } = context.data;
  return context.page({
    title: flow.purpose === 'STEP_UP' ? 'Confirm that it is you' : 'One more step',
    stories: ['S4', 'S8', 'S10'],
    body: choosePage({ login, methods: usableMethods(login), flow }),
  });
}

/** @param {Context} context @param {any} login */
function showDenied(context, login) {
  delete context.data.flow;
  return context.page({ title: 'You are not signed in', stories: ['S7'], body: deniedPage(login), status: 403 });
}

/** @param {Context} context @param {{login: any}} current */
function showOptions(context, { login }) {
  return context.page({
    title: 'More options',
    stories: ['S4', 'S7', 'S8'],
    body: (/** @type {any} */ flash) => optionsPage({ methods: usableMethods(login), flash, enrolling: login.outcome === 'ENROLL' }),
  });
}

/** @param {Context} context */
async function start(context) {
  const { flow } = context.data;
  if (!flow) return startAgain(context);
  const input = { loginId: flow.loginId, methodId: context.form('methodId') };
  const { challenge, userErrors } = await context.services.postern.mutate(START_CHALLENGE, input);
  if (hasCode(userErrors, 'ALREADY_COMPLETED')) return context.go('/verify');
  if (challenge) flow.challenge = { ...challenge, methodId: input.methodId };
  const sameWay = flow.challenge?.methodId === input.methodId;
  if (userErrors.length === 0) return context.go('/verify/code');
  return context.go(sameWay ? '/verify/code' : '/verify/options', { problems: problemsFrom(userErrors) });
}

/** For how long the policy trusts a user's devices, in seconds. @param {any} policy @param {'INTERNAL' | 'EXTERNAL'} kind */
export const trustOf = ({ internal, external }, kind) => (kind === 'INTERNAL' ? internal : external).trustedDeviceSeconds;

/** @param {Context} context @param {{login: any, time: any}} current */
function showCode(context, { login, time }) {
  const { challenge } = context.data.flow;
  if (!challenge) return context.go('/verify');
  const methods = usableMethods(login);
  const trustSeconds = trustOf(time.policy, login.user.kind);
  return context.page({
    title: 'Enter the code',
    stories: ['S4', 'S15'],
    body: (/** @type {any} */ flash) => codePage({ challenge, methods, time, flash, trustSeconds }),
  });
}

/** @param {Context} context */
async function submitCode(context) {
  const { flow } = context.data;
  if (!flow?.challenge) return startAgain(context);
  const code = context.form('code');
  if (!code) return context.go('/verify/code', { problems: fieldProblem('code', 'Please enter the code.') });
  const input = { challengeId: flow.challenge.id, code, rememberDevice: context.checked('remember') };
  const payload = await context.services.postern.mutate(VERIFY_CHALLENGE, input);
  if (payload.userErrors.length === 0) return complete(context, payload.login, payload.deviceToken);
  if (hasCode(payload.userErrors, 'ALREADY_COMPLETED')) return context.go('/verify');
  if (payload.challenge) flow.challenge = { ...flow.challenge, ...payload.challenge };
  return context.go('/verify/code', { problems: codeProblems(payload.userErrors) });
}

/** A problem with the code belongs beside the code. @param {import('../problems.mjs').UserError[]} userErrors */
export function codeProblems(userErrors) {
  const about = userErrors.find((error) => ['WRONG_CODE', 'EXPIRED', 'INVALID'].includes(error.code));
  return about ? fieldProblem('code', about.message) : generalProblem(userErrors[0].message);
}

/** @param {Context} context */
async function askAdvisor(context) {
  const { flow } = context.data;
  if (!flow) return startAgain(context);
  const note = context.form('note') || null;
  const { request, userErrors } = await context.services.postern.mutate(REQUEST_TEMPORARY_ACCESS, { loginId: flow.loginId, note });
  if (userErrors.length > 0 && !hasCode(userErrors, 'ALREADY_EXISTS')) {
    return context.go('/verify/options', { problems: problemsFrom(userErrors, { note: 'note' }), values: { note: note ?? '' } });
  }
  if (request) flow.request = request;
  return context.go('/verify/waiting');
}

/** @param {Context} context @param {{login: any, time: any}} current */
async function showWaiting(context, { login }) {
  const { flow } = context.data;
  const method = login.methods.find((/** @type {any} */ one) => one.channel === 'TEMPORARY_ACCESS_CODE');
  const request = flow.request && (await context.services.postern.request(GET_REQUEST, { id: flow.request.id })).node;
  const status = request?.status ?? 'OPEN';
  const waiting = !method && status === 'OPEN';
  return context.page({
    title: method ? 'Your advisor has answered' : 'Waiting for your advisor',
    stories: ['S8'],
    refresh: waiting && !context.url.searchParams.has('hold') ? 4 : undefined,
    body: waitingPage({ method, status }),
  });
}

/** @param {Context} context */
function cancel(context) {
  const returnTo = context.data.flow?.purpose === 'STEP_UP' ? '/settings' : '/sign-in';
  delete context.data.flow;
  delete context.data.pending;
  return context.go(returnTo);
}

export const verifyRoutes = {
  'GET /verify': withLogin(showMethods),
  'GET /verify/options': withLogin(showOptions),
  'GET /verify/code': withLogin(showCode),
  'GET /verify/waiting': withLogin(showWaiting),
  'POST /verify/start': start,
  'POST /verify/code': submitCode,
  'POST /verify/ask-advisor': askAdvisor,
  'POST /verify/cancel': cancel,
};
