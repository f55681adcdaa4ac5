/**
 * What a handler is given: the request as plain values, the session, and the services.
 */
import { htmlAnswer, redirect } from './http.mjs';
import { layout } from './pages/layout.mjs';

/**
 * @typedef {object} Services
 * @property {import('./config.mjs').Config} config
 * @property {import('@postern/client').PosternClient} postern with the key of the login path
 * @property {import('@postern/client').PosternClient} support with the support key, as the site itself
 * @property {import('@postern/client').PosternClient} desk with the support key, on behalf of the advisor
 * @property {import('@postern/client').AssertionVerifier} assertions
 * @property {import('./users.mjs').Directory} directory
 * @property {import('./sessions.mjs').SessionStore} sessions
 * @property {(entry: Record<string, unknown>) => void} log
 */

export class Context {
  /** @type {string[]} */
  setCookies = [];

  /**
   * @param {Services} services
   * @param {object} request
   * @param {URL} request.url
   * @param {URLSearchParams} request.form
   * @param {Map<string, string>} request.cookies
   * @param {string | undefined} request.userAgent
   * @param {string} request.address where the request comes from
   * @param {import('./sessions.mjs').Session} request.session
   */
  constructor(services, { url, form, cookies, userAgent, address, session }) {
    this.services = services;
    this.url = url;
    this.formData = form;
    this.cookies = cookies;
    this.userAgent = userAgent;
    this.address = address;
    this.session = session;
  }

  /** The session's data: `user`, `flow`, `verifiedLogin`, `pending`… */
  get data() {
    return this.session.data;
  }

  /** A value of the posted form, trimmed; empty when absent. @param {string} name */
  form(name) {
    return (this.formData.get(name) ?? '').trim();
  }

  /** @param {string} name */
  checked(name) {
    return this.formData.get(name) === 'yes';
  }

  /**
   * A page, with whatever the last action left to be said. `body` may be a function of that.
   * @param {Omit<import('./pages/layout.mjs').PageOptions, 'body'> & {body: any, status?: number}} options
   */
  page({ body, status = 200, ...options }) {
    const flash = this.takeFlash();
    const markup = typeof body === 'function' ? body(flash) : body;
    const around = { user: this.data.user, flash, path: this.url.pathname };
    return htmlAnswer(layout({ ...options, body: markup }, around).text, status);
  }

  /** Go to a page and leave word for it. @param {string} path @param {import('./pages/layout.mjs').Flash} [flash] */
  go(path, flash) {
    if (flash) this.data.flash = flash;
    return redirect(path);
  }

  /** @returns {import('./pages/layout.mjs').Flash} */
  takeFlash() {
    const { flash } = this.data;
    delete this.data.flash;
    return flash ?? {};
  }
}
