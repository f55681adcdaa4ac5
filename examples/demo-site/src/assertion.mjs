/**
 * The check that lets somebody in.
 *
 * Postern's answer "this login is complete" is believed only in the form of its signed assertion, and
 * the signature is checked here, offline, against the published keys. So a mistake in the code that
 * reads answers, or somebody who sits between the two servers, cannot open a session.
 *
 * Checked: EdDSA and nothing else; the issuer is this Postern; the audience is this firm's tenant; the
 * subject is the person whose password was checked; the id is the very login that this browser began;
 * it is fresh; and it has not been used before.
 */
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

/** Longest life of an assertion, and how far two clocks may stand apart, in seconds. */
export const MAX_AGE_SECONDS = 300;
export const LEEWAY_SECONDS = 30;

const REQUIRED = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'auth_time', 'amr', 'acr'];

/** Why an assertion was not believed; `reason` is for the log, never for the page. */
export class AssertionError extends Error {
  /** @param {string} reason @param {unknown} [cause] */
  constructor(reason, cause) {
    super(`The assertion was refused: ${reason}`, { cause });
    this.name = 'AssertionError';
    this.reason = reason;
  }
}

/**
 * @typedef {object} Claims
 * @property {string} sub
 * @property {string} jti
 * @property {number} iat
 * @property {number} exp
 * @property {number} auth_time
 * @property {string[]} amr
 * @property {string} acr
 * @property {number} [acr_rank] a number to compare strengths by
 * @property {string[]} [reasons]
 * @property {number} [policy_version]
 * @property {boolean} [first_enrollment]
 */

export class AssertionVerifier {
  /** @type {Map<string, number>} login ids that were used, until when they have to be remembered */
  #used = new Map();

  /** @param {{posternUrl: string, issuer: string, tenantId: string, now?: () => number}} options now: milliseconds */
  constructor({ posternUrl, issuer, tenantId, now = Date.now }) {
    this.keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', posternUrl), { timeoutDuration: 5_000, cooldownDuration: 5_000 });
    this.issuer = issuer;
    this.tenantId = tenantId;
    this.now = now;
  }

  /**
   * @param {unknown} token
   * @param {{loginId: string, externalId: string}} expected
   * @returns {Promise<Claims>}
   */
  async verify(token, expected) {
    if (typeof token !== 'string' || token === '') throw new AssertionError('there is none');
    const claims = await this.#signed(token, expected);
    if (claims.jti !== expected.loginId) throw new AssertionError('it belongs to another login');
    if (!wellFormed(claims)) throw new AssertionError('a claim has the wrong form');
    this.#spend(claims);
    return claims;
  }

  /** @param {string} token @param {{externalId: string}} expected @returns {Promise<any>} */
  async #signed(token, expected) {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: ['EdDSA'],
        issuer: this.issuer,
        audience: this.tenantId,
        subject: expected.externalId,
        requiredClaims: REQUIRED,
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(this.now()),
      });
      return payload;
    } catch (error) {
      throw new AssertionError(error instanceof errors.JOSEError ? `${error.code}: ${error.message}` : 'the keys could not be read', error);
    }
  }

  /** @param {Claims} claims */
  #spend(claims) {
    const seconds = this.now() / 1_000;
    for (const [id, until] of this.#used) if (until < seconds) this.#used.delete(id);
    if (this.#used.has(claims.jti)) throw new AssertionError('it was used before');
    this.#used.set(claims.jti, claims.exp + LEEWAY_SECONDS);
  }
}

/** @param {any} claims */
function wellFormed(claims) {
  return (
    typeof claims.aud === 'string' &&
    Array.isArray(claims.amr) &&
    claims.amr.every((/** @type {unknown} */ one) => typeof one === 'string') &&
    typeof claims.acr === 'string' &&
    Number.isInteger(claims.acr_rank ?? 0) &&
    Number.isInteger(claims.auth_time)
  );
}
