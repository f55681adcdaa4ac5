/**
 * Setting up factors: during a login that asks for it, and from the settings of somebody signed in.
 * Both use these same pages; what differs is the login under which Postern is asked and where the
 * browser goes afterwards.
 */
import { complete, currentLogin, rememberDevice, startAgain } from '../login-flow.mjs';
import { appPage, confirmPage, enrollPage, phonePage } from '../pages/factors.mjs';
import { fieldProblem, hasCode, problemsFrom } from '../problems.mjs';
import { CONFIRM_FACTOR, ENROLL_EMAIL, ENROLL_PHONE, ENROLL_TOTP, GET_TRUST, SEND_FACTOR_CODE, SKIP_ENROLLMENT } from '../queries.mjs';
import { codeProblems, trustOf } from './verify.mjs';

/** @typedef {import('../context.mjs').Context} Context */
/**
 * @typedef {object} Enrolling
 * @property {{externalId: string}} user
 * @property {'INTERNAL' | 'EXTERNAL'} kind
 * @property {string | null} loginId
 * @property {string} home the page to go back to
 * @property {boolean} inLogin
 */

/** @param {Context} context @returns {Enrolling | null} */
function enrolling(context) {
  const { flow, user, verifiedLogin, home } = context.data;
  if (flow?.outcome === 'ENROLL') return { user: { externalId: flow.externalId }, kind: flow.kind, loginId: flow.loginId, home: '/enroll', inLogin: true };
  if (!user) return null;
  return { user: { externalId: user.externalId }, kind: user.kind, loginId: verifiedLogin?.id ?? null, home: home ?? '/settings', inLogin: false };
}

/** @param {(context: Context, scope: Enrolling) => any} handle */
const whileEnrolling = (handle) => async (/** @type {Context} */ context) => {
  const scope = enrolling(context);
  return scope ? handle(context, scope) : context.go('/sign-in', { notice: 'Please sign in first.' });
};

/** The start of an enrollment within a login. @param {Context} context */
async function showEnroll(context) {
  const current = await currentLogin(context);
  if (!current) return startAgain(context);
  const { login, time } = current;
  if (login.completedAt) return complete(context, login);
  if (login.outcome !== 'ENROLL') return context.go('/verify');
  const { flow } = context.data;
  return context.page({
    title: 'Protect your account',
    stories: ['S1', 'S2', 'S3', 'S4', 'S11', 'S13'],
    body: (/** @type {any} */ flash) => enrollPage({ login, time, flow, flash }),
  });
}

/** @param {Context} context */
async function skip(context) {
  const { flow } = context.data;
  if (!flow) return startAgain(context);
  const { login, userErrors } = await context.services.postern.mutate(SKIP_ENROLLMENT, { loginId: flow.loginId });
  return userErrors.length > 0 ? context.go('/enroll', { problems: problemsFrom(userErrors) }) : complete(context, login);
}

/** @param {Context} context @param {Enrolling} scope */
function showPhone(context, scope) {
  const role = context.url.searchParams.get('role') === 'RECOVERY' ? 'RECOVERY' : 'PRIMARY';
  const { typed } = context.data;
  delete context.data.typed;
  return context.page({
    title: role === 'RECOVERY' ? 'Recovery phone' : 'Your phone',
    stories: ['S1', 'S4', 'S12', 'S13'],
    body: (/** @type {any} */ flash) => phonePage({ role, home: scope.home, flash: { values: typed, ...flash } }),
  });
}

/** @param {Context} context @param {Enrolling} scope */
async function addPhone(context, scope) {
  const role = context.form('role') === 'RECOVERY' ? 'RECOVERY' : 'PRIMARY';
  const [line, channel] = { sms: ['MOBILE', 'SMS'], call: ['MOBILE', 'VOICE'], landline: ['LANDLINE', 'VOICE'] }[context.form('reach')] ?? ['MOBILE', 'SMS'];
  const input = { user: scope.user, number: toE164(context.form('number')), role, line, channel, loginId: scope.loginId };
  const payload = await context.services.postern.mutate(ENROLL_PHONE, input);
  const back = scope.inLogin ? '/enroll' : `/factors/phone?role=${role}`;
  return afterSending(context, scope, inFormWords(payload, line), { back, names: { number: 'number', line: 'reach', channel: 'reach' } });
}

/**
 * The API says LANDLINE; the form offers it in words of its own.
 * @param {{userErrors: import('../problems.mjs').UserError[]}} payload @param {string} line
 */
const inFormWords = (payload, line) => ({
  ...payload,
  userErrors: payload.userErrors.map((error) => (error.field?.at(-1) === 'line' && line === 'MOBILE' ? { ...error, message: LANDLINE } : error)),
});

const LANDLINE = 'This number is a landline, which cannot receive texts. Choose “Landline” here.';

/** What people here type for a number, as E.164; anything else is left for Postern to refuse. @param {string} typed */
export function toE164(typed) {
  const number = typed.replace(/[\s().-]/g, '');
  if (/^\d{10}$/.test(number)) return `+1${number}`;
  return /^1\d{10}$/.test(number) ? `+${number}` : number;
}

/** @param {Context} context @param {Enrolling} scope */
async function addEmail(context, scope) {
  const address = context.form('address') || undefined;
  const payload = await context.services.postern.mutate(ENROLL_EMAIL, { user: scope.user, address, loginId: scope.loginId });
  return afterSending(context, scope, payload, { back: scope.home, names: { address: 'emailAddress' } });
}

/** Confirm a contact that the firm had on file. @param {Context} context @param {Enrolling} scope */
async function useSuggested(context, scope) {
  const input = { factorId: context.form('factorId'), channel: channelOf(context), loginId: scope.loginId };
  const payload = await context.services.postern.mutate(SEND_FACTOR_CODE, input);
  return afterSending(context, scope, payload, { back: scope.home });
}

/** @param {Context} context @returns {'SMS' | 'VOICE' | undefined} none for a mail */
const channelOf = (context) => ({ SMS: /** @type {const} */ ('SMS'), VOICE: /** @type {const} */ ('VOICE') })[context.form('channel')];

/**
 * @param {Context} context @param {Enrolling} scope @param {any} payload
 * @param {{back: string, names?: Record<string, string>}} options
 */
function afterSending(context, scope, { factor, challenge, userErrors }, { back, names }) {
  if (userErrors.length === 0) {
    context.data.pending = { factor, challenge, home: scope.home };
    return context.go('/factors/code');
  }
  const values = { number: context.form('number'), address: context.form('address'), reach: context.form('reach') };
  return refused(context, scope, userErrors, { back, names, values });
}

/**
 * Postern said no: to a fresh proof if that is what it wants, else back to the form.
 * @param {Context} context @param {{inLogin: boolean}} scope @param {import('../problems.mjs').UserError[]} userErrors
 * @param {{back: string, names?: Record<string, string>, values?: Record<string, string>}} options
 */
export function refused(context, scope, userErrors, { back, names, values }) {
  if (!scope.inLogin && hasCode(userErrors, 'VERIFICATION_REQUIRED')) {
    context.data.typed = values; // the proof leads back to the form, which need not be filled in twice
    return context.go(`/settings/prove?then=${encodeURIComponent(back)}`);
  }
  return context.go(back, { problems: problemsFrom(userErrors, names), values });
}

/** @param {Context} context @param {Enrolling} scope */
async function addApp(context, scope) {
  const { factor, otpauthUri, qrCodeSvg, userErrors } = await context.services.postern.mutate(ENROLL_TOTP, { user: scope.user, loginId: scope.loginId });
  if (userErrors.length > 0) return refused(context, scope, userErrors, { back: scope.home });
  context.data.pending = { factor, otpauthUri, qrCodeSvg, home: scope.home };
  return context.go('/factors/app');
}

/** @param {Context} context @param {Enrolling} scope */
async function showApp(context, scope) {
  const { pending } = context.data;
  if (!pending?.otpauthUri) return context.go(scope.home);
  const { tenant } = await context.services.postern.request(GET_TRUST);
  return context.page({
    title: 'Authenticator app',
    stories: ['S1', 'S12'],
    body: (/** @type {any} */ flash) => appPage({ pending, flash, trustSeconds: trustOf(tenant.policy, scope.kind) }),
  });
}

/** @param {Context} context @param {Enrolling} scope */
async function showCode(context, scope) {
  const { pending } = context.data;
  if (!pending?.challenge) return context.go(scope.home);
  const { tenant } = await context.services.postern.request(GET_TRUST);
  return context.page({
    title: 'Confirm with the code',
    stories: ['S1', 'S4', 'S15'],
    body: (/** @type {any} */ flash) => confirmPage({ pending, time: tenant, flash, trustSeconds: trustOf(tenant.policy, scope.kind) }),
  });
}

/** @param {Context} context @param {Enrolling} scope */
async function resend(context, scope) {
  const { pending } = context.data;
  if (!pending) return context.go(scope.home);
  const input = { factorId: pending.factor.id, channel: channelOf(context), loginId: scope.loginId };
  const { challenge, userErrors } = await context.services.postern.mutate(SEND_FACTOR_CODE, input);
  if (challenge) pending.challenge = challenge;
  return context.go('/factors/code', userErrors.length > 0 ? { problems: problemsFrom(userErrors) } : { notice: 'The code is on its way.' });
}

/** @param {Context} context @param {Enrolling} scope */
async function confirm(context, scope) {
  const { pending } = context.data;
  if (!pending) return context.go(scope.home);
  const page = pending.otpauthUri ? '/factors/app' : '/factors/code';
  const code = context.form('code');
  if (!code) return context.go(page, { problems: fieldProblem('code', 'Please enter the code.') });
  const input = { factorId: pending.factor.id, code, loginId: scope.loginId, rememberDevice: context.checked('remember') };
  const payload = await context.services.postern.mutate(CONFIRM_FACTOR, input);
  if (payload.userErrors.length === 0) return confirmed(context, scope, payload);
  if (hasCode(payload.userErrors, 'ALREADY_COMPLETED')) return context.go(scope.home);
  if (payload.challenge) pending.challenge = { ...pending.challenge, ...payload.challenge };
  if (hasCode(payload.userErrors, 'VERIFICATION_REQUIRED')) return refused(context, scope, payload.userErrors, { back: scope.home });
  return context.go(page, { problems: codeProblems(payload.userErrors) });
}

/** @param {Context} context @param {Enrolling} scope @param {any} payload */
function confirmed(context, scope, payload) {
  delete context.data.pending;
  if (scope.inLogin && payload.login) return complete(context, payload.login, payload.deviceToken);
  if (payload.deviceToken) rememberDevice(context, scope.user.externalId, payload.deviceToken);
  return context.go(scope.home, { notice: 'Done. This now works for signing in.' });
}

/** @param {Context} context @param {Enrolling} scope */
function cancel(context, scope) {
  delete context.data.pending;
  return context.go(scope.home);
}

export const factorRoutes = {
  'GET /enroll': showEnroll,
  'POST /enroll/skip': skip,
  'GET /factors/phone': whileEnrolling(showPhone),
  'POST /factors/phone': whileEnrolling(addPhone),
  'POST /factors/email': whileEnrolling(addEmail),
  'POST /factors/suggested': whileEnrolling(useSuggested),
  'POST /factors/app': whileEnrolling(addApp),
  'GET /factors/app': whileEnrolling(showApp),
  'GET /factors/code': whileEnrolling(showCode),
  'POST /factors/code': whileEnrolling(confirm),
  'POST /factors/resend': whileEnrolling(resend),
  'POST /factors/cancel': whileEnrolling(cancel),
};
