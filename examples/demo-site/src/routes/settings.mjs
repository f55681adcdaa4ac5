/**
 * The settings of somebody signed in. Changes need a fresh proof; this site asks for one when the last
 * is older than 15 minutes, and whenever Postern says so, who has the last word.
 */
import { begin, forgetDevice } from '../login-flow.mjs';
import { backupCodesPage, provePage, settingsPage } from '../pages/settings.mjs';
import { problemsFrom } from '../problems.mjs';
import {
  CHOOSE_SECURITY_LEVEL,
  FORGET_DEVICES,
  GENERATE_BACKUP_CODES,
  GET_SETTINGS,
  OPT_IN,
  OPT_OUT,
  REMOVE_FACTOR,
} from '../queries.mjs';
import { refused } from './factors.mjs';
import { signedIn } from './home.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** How long a proof stays fresh, in milliseconds. */
const FRESH = 15 * 60_000;

/** Pages of this site that a proof may lead on to. */
const AFTER_PROOF = new Set(['/settings', '/welcome', '/factors/phone?role=PRIMARY', '/factors/phone?role=RECOVERY']);

/** @param {Context} context */
const isFresh = (context) => Date.now() - (context.data.verifiedLogin?.at ?? 0) < FRESH;

/** @param {Context} context */
const loginOf = (context) => context.data.verifiedLogin?.id ?? context.data.lastLoginId;

/** @param {Context} context */
async function show(context) {
  context.data.home = '/settings';
  const { externalId } = context.data.user;
  const { user, tenant } = await context.services.postern.request(GET_SETTINGS, { externalId });
  if (!user) return context.go('/', { notice: 'Postern does not know this user any more.' });
  const audience = user.kind === 'INTERNAL' ? tenant.policy.internal : tenant.policy.external;
  return context.page({
    title: 'Sign-in settings',
    width: 'wide',
    stories: ['S3', 'S5', 'S10', 'S11', 'S12', 'S13'],
    body: (/** @type {any} */ flash) => settingsPage({ user, audience, time: tenant, flash, fresh: isFresh(context) }),
  });
}

/**
 * A change by one mutation.
 * @param {string} document
 * @param {(context: Context) => Record<string, unknown>} inputOf
 * @param {string} done what to say afterwards
 */
const change = (document, inputOf, done) =>
  signedIn(async (context) => {
    const { userErrors } = await context.services.postern.mutate(document, inputOf(context));
    if (userErrors.length > 0) return refused(context, { inLogin: false }, userErrors, { back: '/settings' });
    return context.go('/settings', { notice: done });
  });

/** @param {Context} context */
const self = (context) => ({ externalId: context.data.user.externalId });

/** Whether somebody else forgot the devices meanwhile does not matter. @param {Context} context */
async function forgetAll(context) {
  const { userErrors } = await context.services.postern.mutate(FORGET_DEVICES, { user: self(context) });
  if (userErrors.length > 0) return context.go('/settings', { problems: problemsFrom(userErrors) });
  forgetDevice(context, context.data.user.externalId);
  return context.go('/settings', { notice: 'No device of yours is trusted any more.' });
}

/** @param {Context} context */
async function makeBackupCodes(context) {
  const input = { user: self(context), loginId: context.data.verifiedLogin?.id ?? null };
  const { codes, userErrors } = await context.services.postern.mutate(GENERATE_BACKUP_CODES, input);
  if (userErrors.length > 0) return refused(context, { inLogin: false }, userErrors, { back: context.data.home ?? '/settings' });
  context.data.backupCodes = codes;
  return context.go('/settings/backup-codes');
}

/** @param {Context} context */
function showBackupCodes(context) {
  const { backupCodes, home = '/settings' } = context.data;
  delete context.data.backupCodes;
  return backupCodes ? context.page({ title: 'Backup codes', stories: ['S12'], body: backupCodesPage(backupCodes, home) }) : context.go(home);
}

/** @param {string | null} path */
const after = (path) => (path !== null && AFTER_PROOF.has(path) ? path : '/settings');

/** @param {Context} context */
function showProve(context) {
  const then = after(context.url.searchParams.get('then'));
  return context.page({ title: 'Confirm that it is you', stories: ['S12'], body: provePage(then) });
}

/** @param {Context} context */
async function prove(context) {
  const { externalId, displayName, kind, firstFactor, ipAddress, userAgent } = context.data.user;
  const user = context.services.directory.find(externalId) ?? { externalId, displayName, kind, password: '' };
  const result = await begin(context, { user, firstFactor, purpose: 'STEP_UP', ipAddress, userAgent, returnTo: after(context.form('then')) });
  return 'answer' in result ? result.answer : context.go('/settings', { problems: problemsFrom(result.userErrors) });
}

export const settingsRoutes = {
  'GET /settings': signedIn(show),
  'GET /settings/prove': signedIn(showProve),
  'POST /settings/prove': signedIn(prove),
  'POST /settings/backup-codes': signedIn(makeBackupCodes),
  'GET /settings/backup-codes': signedIn(showBackupCodes),
  'POST /settings/remove': change(
    REMOVE_FACTOR,
    (context) => ({ factorId: context.form('factorId'), loginId: loginOf(context) }),
    'It is removed.',
  ),
  'POST /settings/level': change(
    CHOOSE_SECURITY_LEVEL,
    (context) => ({ user: self(context), level: context.form('level') === 'HIGH' ? 'HIGH' : 'STANDARD', loginId: loginOf(context) }),
    'Your choice is saved.',
  ),
  'POST /settings/forget-device': change(
    FORGET_DEVICES,
    (context) => ({ user: self(context), deviceIds: [context.form('deviceId')] }),
    'That device is not trusted any more.',
  ),
  'POST /settings/forget-devices': signedIn(forgetAll),
  'POST /settings/opt-out': change(OPT_OUT, (context) => ({ user: self(context), loginId: loginOf(context) }), 'Two-step sign-in is off for you.'),
  'POST /settings/opt-in': change(OPT_IN, (context) => ({ user: self(context) }), 'Two-step sign-in is on again.'),
};
