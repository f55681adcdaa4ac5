/** The firm's front page, and the client's own. */
import { accountPage, frontPage, welcomePage } from '../pages/home.mjs';
import { GET_SETTINGS } from '../queries.mjs';

/** @typedef {import('../context.mjs').Context} Context */

/** @param {(context: Context) => any} handle */
export const signedIn = (handle) => async (/** @type {Context} */ context) =>
  context.data.user ? handle(context) : context.go('/sign-in', { notice: 'Please sign in first.' });

/** @param {Context} context */
const front = (context) => context.page({ title: 'Welcome', width: 'wide', stories: ['S1', 'S2', 'S6', 'S7', 'S9'], body: frontPage() });

/** @param {Context} context */
const account = (context) =>
  context.page({
    title: 'Your account',
    width: 'wide',
    stories: ['S5', 'S6', 'S10', 'S12'],
    body: accountPage(context.data.user, context.data.proof, context.data.why),
  });

/** After a first enrollment: what else is wise. @param {Context} context */
async function welcome(context) {
  context.data.home = '/welcome';
  const externalId = context.data.user.externalId;
  const { user } = await context.services.postern.request(GET_SETTINGS, { externalId });
  return context.page({ title: 'You are in', stories: ['S1'], body: welcomePage(user?.factors ?? []) });
}

export const homeRoutes = {
  'GET /': front,
  'GET /account': signedIn(account),
  'GET /welcome': signedIn(welcome),
};
