/**
 * The check that lets somebody in.
 *
 * Postern's answer "this login is complete" is believed only in the form of its signed assertion, and the
 * signature is checked here, offline, against the published keys. So a mistake in the code that reads
 * answers, or somebody who sits between the two servers, cannot open a session.
 *
 * Checked: EdDSA and nothing else; the issuer is this Postern; the audience is this tenant alone; the
 * subject is the person whose first factor was accepted; the id is the very login that was begun for this
 * browser; it is fresh, by our clock and its own; it is strong enough; and it was not used before.
 */
import { AssertionError } from './errors.js';
import { KeySet } from './keys.js';

/** The longest life of an assertion, and how far two clocks may stand apart, in seconds. */
export const MAX_AGE_SECONDS = 300;
export const LEEWAY_SECONDS = 30;
/** Longer than any assertion. */
const MAX_LENGTH = 8 * 1024;

/** What an assertion says. Times are in seconds since 1970. */
export interface Claims {
  iss: string;
  aud: string;
  /** The user's external identifier, as it was first given. */
  sub: string;
  /** The login. */
  jti: string;
  iat: number;
  exp: number;
  auth_time: number;
  /** How: of pwd, fed, link, sms, tel, email, otp, pop, assisted. */
  amr: string[];
  acr: string;
  /** A number to compare strengths by: 10 no second factor, 15 an advisor's code, 20 a mailed code, 30 two factors, 40 a passkey. */
  acr_rank?: number;
  reasons?: string[];
  policy_version?: number;
  first_enrollment?: boolean;
}

/** Of which login, and for what. */
export interface Expected {
  loginId: string;
  externalId: string;
  /** The least `acr_rank`; left out, any will do. */
  acrRank?: number;
}

/**
 * Notes an identifier as used; whether it was new. With several processes give one that they share: an
 * insert that fails where the row is there.
 */
export type Spend = (jti: string, untilSeconds: number) => boolean | Promise<boolean>;

export interface VerifierOptions {
  /** Where this server finds Postern. */
  posternUrl: string;
  /** Postern's public URL; left out, `posternUrl`. */
  issuer?: string;
  /** `Tenant.id`. */
  tenantId: string;
  spend?: Spend;
  /** For tests: milliseconds since 1970. */
  now?: () => number;
}

export class AssertionVerifier {
  readonly #keys: KeySet;
  readonly #issuer: string;
  readonly #tenantId: string;
  readonly #spend: Spend;
  readonly #now: () => number;

  constructor({ posternUrl, issuer = posternUrl, tenantId, spend, now = Date.now }: VerifierOptions) {
    this.#keys = new KeySet(posternUrl, now);
    this.#issuer = issuer.replace(/\/+$/, '');
    this.#tenantId = tenantId;
    this.#now = now;
    this.#spend = spend ?? inMemory(now);
  }

  /** The claims of an assertion that is to be believed, once. Whatever it is not: an {@link AssertionError}. */
  async verify(token: unknown, expected: Expected): Promise<Claims> {
    if (typeof token !== 'string' || token === '') throw new AssertionError('there is none');
    const claims = wellFormed(await this.#signed(token));
    this.#check(claims, expected);
    if (!(await this.#spend(claims.jti, claims.exp + LEEWAY_SECONDS))) throw new AssertionError('it was used before');
    return claims;
  }

  async #signed(token: string): Promise<unknown> {
    const parts = token.length <= MAX_LENGTH ? token.split('.') : [];
    const [head, body, signature] = parts;
    if (parts.length !== 3 || !head || !body || !signature) throw new AssertionError('it is no signed token');
    const header = record(decode(head));
    if (header['alg'] !== 'EdDSA' || typeof header['kid'] !== 'string' || 'crit' in header) {
      throw new AssertionError('it is signed in another way');
    }
    const key = await this.#keys.find(header['kid']);
    if (!key) throw new AssertionError('its key is not published');
    const signed = new TextEncoder().encode(`${head}.${body}`);
    if (!(await crypto.subtle.verify('Ed25519', key, bytes(signature), signed))) throw new AssertionError('its signature is wrong');
    return decode(body);
  }

  #check(claims: Claims, expected: Expected): void {
    const now = this.#now() / 1_000;
    const rules: [boolean, string][] = [
      [claims.iss === this.#issuer, 'another issuer signed it'],
      [claims.aud === this.#tenantId, 'it is meant for another tenant'],
      [claims.sub === expected.externalId, 'it speaks of another user'],
      [claims.jti === expected.loginId, 'it belongs to another login'],
      [claims.exp + LEEWAY_SECONDS > now, 'it has run out'],
      [claims.iat + MAX_AGE_SECONDS + LEEWAY_SECONDS > now, 'it is too old'],
      [claims.iat - LEEWAY_SECONDS <= now, 'it is from the future'],
      [expected.acrRank === undefined || (claims.acr_rank ?? 0) >= expected.acrRank, 'it is not strong enough'],
    ];
    for (const [holds, reason] of rules) if (!holds) throw new AssertionError(reason);
  }
}

/** Remembers identifiers in this process, for as long as they could be used. */
function inMemory(now: () => number): Spend {
  const used = new Map<string, number>();
  return (jti, until) => {
    for (const [id, end] of used) if (end < now() / 1_000) used.delete(id);
    if (used.has(jti)) return false;
    used.set(jti, until);
    return true;
  };
}

/** Base64url without padding, and no other spelling. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new AssertionError('it is not spelled as it should be');
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function decode(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes(part)));
  } catch (cause) {
    throw new AssertionError('it cannot be read', cause);
  }
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AssertionError('a part of it has the wrong form');
  return value as Record<string, unknown>;
}

function wellFormed(value: unknown): Claims {
  const claims = record(value);
  const texts = ['iss', 'aud', 'sub', 'jti', 'acr'].every((name) => typeof claims[name] === 'string');
  const times = ['iat', 'exp', 'auth_time'].every((name) => Number.isInteger(claims[name]));
  const { amr, acr_rank: rank } = claims;
  const methods = Array.isArray(amr) && amr.every((one) => typeof one === 'string');
  if (!texts || !times || !methods || !Number.isInteger(rank ?? 0)) throw new AssertionError('a claim is missing or has the wrong form');
  return claims as unknown as Claims;
}
