/** Signing in with the first factor, signing out, becoming a client. */
import { begin, introduce } from '../login-flow.mjs';
import { registerPage, signInPage } from '../pages/sign-in.mjs';
import { addressOf, userAgentOf } from '../places.mjs';
import { fieldProblem, generalProblem, problemsFrom } from '../problems.mjs';

/** @typedef {import('../context.mjs').Context} Context */

const FIELDS = { externalId: 'username', ipAddress: 'address', email: 'email', displayName: 'displayName' };

/** @param {Context} context */
function showSignIn(context) {
  const chosen = context.services.directory.find(context.url.searchParams.get('as') ?? '');
  return context.page({
    title: 'Sign in',
    stories: ['S1', 'S2', 'S5', 'S6'],
    width: 'wide',
    body: (/** @type {any} */ flash) => signInPage({ users: context.services.directory.list(), chosen, flash, played: context.data.played, seen: context.address }),
  });
}

/** @param {Context} context */
async function signIn(context) {
  const sso = context.form('mode') === 'sso';
  const username = context.form('username');
  const values = { username, customAddress: context.form('customAddress') };
  context.data.played = { address: context.form('address'), browser: context.form('browser'), way: context.form('way') };
  const { directory } = context.services;
  const user = sso ? directory.find(username) : directory.authenticate(username, context.formData.get('password') ?? '');
  if (!user) {
    const message = sso ? 'The identity provider does not know that username.' : 'That username and password do not go together.';
    return context.go('/sign-in', { problems: fieldProblem('username', message), values });
  }
  forget(context);
  const result = await begin(context, {
    user,
    firstFactor: sso ? 'SSO' : 'PASSWORD',
    purpose: 'SIGN_IN',
    ipAddress: values.customAddress || addressOf(context.form('address'), context.address),
    userAgent: userAgentOf(context.form('browser')),
    returnTo: '/account',
  });
  if ('answer' in result) return result.answer;
  const names = { ...FIELDS, ipAddress: values.customAddress ? 'customAddress' : 'address' };
  return context.go('/sign-in', { problems: problemsFrom(result.userErrors, names), values });
}

/** Empty the session but for what the visitor plays, and give it a new name. @param {Context} context */
function forget(context) {
  const { played } = context.data;
  for (const key of Object.keys(context.data)) delete context.data[key];
  if (played) context.data.played = played;
  context.session.rotate();
}

/** @param {Context} context */
function signOut(context) {
  forget(context);
  return context.go('/', { notice: 'You are signed out.' });
}

/** @param {Context} context */
function showRegister(context) {
  return context.page({ title: 'Become a client', stories: ['S1', 'S2'], body: (/** @type {any} */ flash) => registerPage(flash) });
}

/** @param {Context} context */
async function register(context) {
  const values = { username: context.form('username'), displayName: context.form('displayName'), email: context.form('email') };
  const password = context.formData.get('password') ?? '';
  const problem = registrationProblem(context, values, password);
  if (problem) return context.go('/register', { problems: problem, values });
  const user = {
    externalId: values.username,
    password,
    kind: /** @type {const} */ ('EXTERNAL'),
    displayName: values.displayName,
    email: values.email || undefined,
  };
  const payload = await introduce(context, user);
  if (payload.userErrors.length > 0) return context.go('/register', { problems: problemsFrom(payload.userErrors, FIELDS), values });
  context.services.directory.add(user);
  return context.go(`/sign-in?as=${encodeURIComponent(user.externalId)}`, { notice: 'Welcome! Your account is open. Please sign in.' });
}

/** @param {Context} context @param {{username: string, displayName: string}} values @param {string} password */
function registrationProblem(context, { username, displayName }, password) {
  if (!username) return fieldProblem('username', 'Please choose a username.');
  if (!displayName) return fieldProblem('displayName', 'Please tell us your name.');
  if (password.length < 8) return fieldProblem('password', 'Please choose at least 8 characters.');
  if (context.services.directory.find(username)) return fieldProblem('username', 'That username is taken.');
  return context.services.directory.list().length >= 200 ? generalProblem('This demo has enough clients now.') : null;
}

export const signInRoutes = {
  'GET /sign-in': showSignIn,
  'POST /sign-in': signIn,
  'POST /sign-out': signOut,
  'GET /register': showRegister,
  'POST /register': register,
};
