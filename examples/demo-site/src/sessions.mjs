/**
 * Sessions in memory and the cookies that name them.
 *
 * The cookie is 256 random bits and the store knows only their digest, so that a dump of the store
 * opens nothing. A session gets a new name whenever it gains power (sign-in, a fresh proof): a name
 * planted in a browser beforehand is then worth nothing.
 */
import { createHash, randomBytes } from 'node:crypto';

export const SESSION_COOKIE = 'hl_session';

const HOUR = 3_600_000;
const IDLE = 2 * HOUR;
const ABSOLUTE = 12 * HOUR;
const MOST_SESSIONS = 10_000;

/** @param {string} name */
const digest = (name) => createHash('sha256').update(name).digest('base64url');

/** @param {string | undefined} header @returns {Map<string, string>} the first of each name wins */
export function parseCookies(header) {
  const cookies = new Map();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (name && !cookies.has(name)) cookies.set(name, part.slice(at + 1).trim());
  }
  return cookies;
}

/**
 * @param {string} name
 * @param {string} value must be free of separators; ours are base64url
 * @param {{secure: boolean, maxAgeSeconds?: number}} options
 */
export function formatCookie(name, value, { secure, maxAgeSeconds }) {
  if (!/^[\w.~+/=-]*$/.test(value)) throw new TypeError('A cookie value may not contain separators.');
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${age}${secure ? '; Secure' : ''}`;
}

/** One browser's session. `data` is the caller's; nothing is stored until something is put there. */
export class Session {
  /** @param {string | null} name @param {Record<string, any>} data */
  constructor(name, data) {
    this.name = name;
    this.data = data;
    this.renamed = false;
  }

  /** Ask for a new name when the answer goes out. */
  rotate() {
    this.renamed = true;
  }
}

export class SessionStore {
  /** @type {Map<string, {data: Record<string, any>, createdAt: number, seenAt: number}>} */
  #entries = new Map();

  /** @param {{now?: () => number}} [options] now: milliseconds */
  constructor({ now = Date.now } = {}) {
    this.now = now;
  }

  get size() {
    return this.#entries.size;
  }

  /** @param {string | undefined} name from the cookie */
  open(name) {
    const entry = name ? this.#entries.get(digest(name)) : undefined;
    if (!name || !entry) return new Session(null, {});
    const now = this.now();
    if (now - entry.seenAt > IDLE || now - entry.createdAt > ABSOLUTE) {
      this.#entries.delete(digest(name));
      return new Session(null, {});
    }
    entry.seenAt = now;
    return new Session(name, entry.data);
  }

  /**
   * Keep the session.
   * @param {Session} session
   * @returns {string | null} the name to send, if it is new
   */
  save(session) {
    if (session.name !== null && !session.renamed) return null;
    if (session.name === null && Object.keys(session.data).length === 0) return null;
    const now = this.now();
    const before = session.name === null ? undefined : this.#entries.get(digest(session.name));
    if (session.name !== null) this.#entries.delete(digest(session.name));
    session.name = randomBytes(32).toString('base64url');
    session.renamed = false;
    this.#entries.set(digest(session.name), { data: session.data, createdAt: before?.createdAt ?? now, seenAt: now });
    this.#evict();
    return session.name;
  }

  #evict() {
    while (this.#entries.size > MOST_SESSIONS) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest);
    }
  }
}
