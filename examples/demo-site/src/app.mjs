/**
 * The request listener: one table of routes, one place where errors become pages.
 */
import { readFileSync } from 'node:fs';
import { AssertionError, PosternError } from '@postern/client';
import { Context } from './context.mjs';
import { HttpError, contentPolicy, jsonAnswer, readForm, requireOwnHost, requireOwnOrigin, send } from './http.mjs';
import { errorPage } from './pages/error.mjs';
import { advisorRoutes } from './routes/advisor.mjs';
import { factorRoutes } from './routes/factors.mjs';
import { homeRoutes } from './routes/home.mjs';
import { linkRoutes } from './routes/link.mjs';
import { promptRoutes } from './routes/prompt.mjs';
import { policyRoutes } from './routes/policy.mjs';
import { sandboxRoutes } from './routes/sandbox.mjs';
import { settingsRoutes } from './routes/settings.mjs';
import { signInRoutes } from './routes/sign-in.mjs';
import { verifyRoutes } from './routes/verify.mjs';
import { SESSION_COOKIE, formatCookie, parseCookies } from './sessions.mjs';

/** @typedef {import('./context.mjs').Services} Services */
/** @typedef {(context: Context) => Promise<import('./http.mjs').Answer> | import('./http.mjs').Answer} Handler */

/** @type {Map<string, Handler>} */
const ROUTES = new Map(
  Object.entries({
    'GET /healthz': () => jsonAnswer({ status: 'ok' }),
    ...homeRoutes,
    ...signInRoutes,
    ...verifyRoutes,
    ...promptRoutes,
    ...factorRoutes,
    ...settingsRoutes,
    ...linkRoutes,
    ...advisorRoutes,
    ...sandboxRoutes,
    ...policyRoutes,
  }),
);

/** @param {string} name @param {string} type */
function asset(name, type) {
  const body = readFileSync(new URL(`../static/${name}`, import.meta.url));
  return { status: 200, headers: { 'content-type': type, 'cache-control': 'public, max-age=60' }, body };
}

const ASSETS = new Map([
  ['/static/site.css', asset('site.css', 'text/css; charset=utf-8')],
  ['/static/site.js', asset('site.js', 'text/javascript; charset=utf-8')],
  ['/static/mark.svg', asset('mark.svg', 'image/svg+xml')],
]);

/** @param {Services} services @returns {import('node:http').RequestListener} */
export function createApp(services) {
  const policy = { 'content-security-policy': contentPolicy(services.config.issuer) };
  return async (request, response) => {
    let answer;
    try {
      answer = await serve(services, request);
    } catch (error) {
      answer = answerError(services, error, request);
    }
    send(response, { ...answer, headers: { ...policy, ...answer.headers } }, request.method !== 'HEAD');
  };
}

/** @param {Services} services @param {import('node:http').IncomingMessage} request */
async function serve(services, request) {
  requireOwnHost(request, services.config.siteUrl);
  const url = siteUrlOf(request, services.config.siteUrl);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const file = method === 'GET' && ASSETS.get(url.pathname);
  if (file) return file;
  const handler = ROUTES.get(`${method} ${url.pathname}`);
  if (!handler) throw notServed(url.pathname);
  if (method === 'POST') requireOwnOrigin(request);
  return inSession(services, request, url, handler);
}

/** @param {import('node:http').IncomingMessage} request @param {string} siteUrl */
function siteUrlOf(request, siteUrl) {
  const path = request.url ?? '/';
  if (!path.startsWith('/') || !URL.canParse(`${siteUrl}${path}`)) throw new HttpError(400, 'That address cannot be read.');
  return new URL(`${siteUrl}${path}`);
}

/** @param {string} pathname */
function notServed(pathname) {
  const other = ROUTES.has(`GET ${pathname}`) || ROUTES.has(`POST ${pathname}`);
  return other ? new HttpError(405, 'That page does not work this way.') : new HttpError(404, 'There is no such page here.');
}

/** @param {Services} services @param {import('node:http').IncomingMessage} request @param {URL} url @param {Handler} handler */
async function inSession(services, request, url, handler) {
  const cookies = parseCookies(request.headers.cookie);
  const session = services.sessions.open(cookies.get(SESSION_COOKIE));
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  const address = request.socket.remoteAddress ?? '';
  const context = new Context(services, { url, form, cookies, session, address, userAgent: request.headers['user-agent'] });
  const answer = await guarded(handler, context, request);
  const name = services.sessions.save(session);
  if (name) context.setCookies.push(formatCookie(SESSION_COOKIE, name, { secure: services.config.secureCookies }));
  if (context.setCookies.length > 0) answer.headers['set-cookie'] = context.setCookies;
  return answer;
}

/**
 * An error inside a handler still keeps what the handler did to the session.
 * @param {Handler} handler @param {Context} context @param {import('node:http').IncomingMessage} request
 */
async function guarded(handler, context, request) {
  try {
    return await handler(context);
  } catch (error) {
    return answerError(context.services, error, request, context);
  }
}

/**
 * @param {Services} services @param {any} error @param {import('node:http').IncomingMessage} request @param {Context} [context]
 */
function answerError(services, error, request, context) {
  const page = errorPage(error);
  if (page.status >= 500 || error instanceof AssertionError) {
    const known = error instanceof PosternError || error instanceof AssertionError;
    services.log({
      level: 'error',
      message: error.message,
      path: request.url?.split('?')[0],
      code: error.code,
      requestId: error.requestId,
      stack: known ? undefined : error.stack,
    });
  }
  if (context) return context.page(page);
  const url = new URL(services.config.siteUrl);
  const session = services.sessions.open(undefined);
  const bare = new Context(services, { url, form: new URLSearchParams(), cookies: new Map(), userAgent: undefined, address: '', session }).page(page);
  return { ...bare, headers: { ...bare.headers, connection: 'close' } }; // what is left of the request is not read
}
