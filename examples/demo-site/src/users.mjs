/**
 * The firm's own directory: names and passwords. Postern never sees a password; it is asked only once
 * the password was right.
 *
 * A real site keeps slow, salted hashes. These passwords are printed on the sign-in page.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** @typedef {import('./config.mjs').DemoUser} DemoUser */

/** @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();

/** @param {string} name two spellings of one name are one person, here as at Postern */
const fold = (name) => name.trim().normalize('NFKC').toLowerCase();

export class Directory {
  /** @type {Map<string, DemoUser>} */
  #users = new Map();

  /** @param {DemoUser[]} users */
  constructor(users) {
    for (const user of users) this.#users.set(fold(user.externalId), user);
  }

  list() {
    return [...this.#users.values()];
  }

  /** @param {string} name */
  find(name) {
    return this.#users.get(fold(name)) ?? null;
  }

  /** @param {DemoUser} user @returns {boolean} false when the name is taken */
  add(user) {
    if (this.find(user.externalId)) return false;
    this.#users.set(fold(user.externalId), user);
    return true;
  }

  /** @param {string} name @param {string} password */
  authenticate(name, password) {
    const user = this.find(name);
    const matches = timingSafeEqual(digest(password), digest(user?.password ?? ''));
    return user && matches ? user : null;
  }
}
