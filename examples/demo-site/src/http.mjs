/**
 * What every request and answer has in common: reading forms, protecting answers, refusing posts that
 * come from other sites. Handlers return plain values and never touch the socket.
 */

/** Largest form that is read, in bytes. */
const LARGEST_FORM = 64 * 1024;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

/**
 * A form's answer may lead on to Postern's hosted pages, which browsers count among what a form may do.
 * @param {string} posternUrl
 */
export const contentPolicy = (posternUrl) =>
  `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self' ${new URL(posternUrl).origin}; base-uri 'none'; frame-ancestors 'none'`;

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string | string[]>} headers
 * @property {string | Buffer} body
 */

/** A request that cannot be served, with the status that says so. */
export class HttpError extends Error {
  /** @param {number} status @param {string} message for the visitor */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Go and look there (always with GET). @param {string} path @returns {Answer} */
export const redirect = (path) => ({ status: 303, headers: { location: path }, body: '' });

/** @param {string} body @param {number} [status] @returns {Answer} */
export const htmlAnswer = (body, status = 200) => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body,
});

/** @param {unknown} value @returns {Answer} */
export const jsonAnswer = (value) => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** @param {import('node:http').IncomingMessage} request @returns {Promise<URLSearchParams>} */
export async function readForm(request) {
  const type = request.headers['content-type']?.split(';')[0].trim().toLowerCase();
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_FORM) throw new HttpError(413, 'That is more than a form on this site can hold.');
    chunks.push(chunk);
  }
  if (size > 0 && type !== 'application/x-www-form-urlencoded') throw new HttpError(415, 'Only web forms are read here.');
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/**
 * Refuse names that this site does not answer to: a page elsewhere could point its own name at the
 * loopback address and read the answers as its own.
 * @param {import('node:http').IncomingMessage} request @param {string} siteUrl
 */
export function requireOwnHost(request, siteUrl) {
  const host = request.headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const known = ['localhost', '127.0.0.1', '[::1]', new URL(siteUrl).hostname];
  if (!known.includes(name)) throw new HttpError(421, 'This site does not go by that name.');
}

/**
 * Refuse a post that another site made the browser send. The cookie's SameSite does most of it, but to
 * a browser a different port of the same machine is the same site.
 * @param {import('node:http').IncomingMessage} request
 */
export function requireOwnOrigin(request) {
  const { origin, host } = request.headers;
  const fetchSite = request.headers['sec-fetch-site'];
  const foreign = fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none';
  const other = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (foreign || other) throw new HttpError(403, 'That form was not sent from this site.');
}

/** @param {import('node:http').ServerResponse} response @param {Answer} answer @param {boolean} withBody */
export function send(response, answer, withBody) {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...SECURITY_HEADERS, ...answer.headers, 'content-length': body.length });
  response.end(withBody ? body : undefined);
}
