/** Postern's published signing keys, kept for five minutes and asked for again when a name is unknown. */
import { AssertionError } from './errors.js';
import { Limit } from './limit.js';

const KEEP = 5 * 60_000;
/** Between two questions for a name that is not there: a forged token must not make us ask for each. */
const COOLDOWN = 5_000;
const TIMEOUT = 5_000;
const ALGORITHM = { name: 'Ed25519' };

interface Published {
  keys: Map<string, JsonWebKey>;
  readAt: number;
}

export class KeySet {
  readonly #url: URL;
  readonly #now: () => number;
  #published: Published | null = null;
  #reading: Promise<Published> | null = null;
  readonly #imported = new Map<string, Promise<CryptoKey>>();

  constructor(posternUrl: string, now: () => number) {
    this.#url = new URL('/.well-known/jwks.json', posternUrl);
    this.#now = now;
  }

  /** The key of that name; none where Postern publishes none. */
  async find(kid: string): Promise<CryptoKey | null> {
    const jwk = (await this.#keys(kid)).get(kid);
    if (!jwk) return null;
    const spelled = `${kid} ${jwk.x}`;
    const known = this.#imported.get(spelled) ?? crypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x: jwk.x ?? '' }, ALGORITHM, false, ['verify']);
    this.#imported.set(spelled, known);
    return known;
  }

  async #keys(kid: string): Promise<Map<string, JsonWebKey>> {
    const known = this.#published;
    const age = known ? this.#now() - known.readAt : Infinity;
    if (known && age < KEEP && (known.keys.has(kid) || age < COOLDOWN)) return known.keys;
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return (await this.#reading).keys;
  }

  async #read(): Promise<Published> {
    const published = await fetchKeys(this.#url);
    this.#imported.clear();
    this.#published = { keys: new Map(published.map((key) => [key.kid, key])), readAt: this.#now() };
    return this.#published;
  }
}

async function fetchKeys(url: URL): Promise<(JsonWebKey & { kid: string })[]> {
  const limit = new Limit(TIMEOUT);
  try {
    const { keys } = await limit.hold(readKeys(url, limit.signal));
    return keys.filter(isSigningKey);
  } catch (cause) {
    throw new AssertionError('the keys could not be read', cause);
  } finally {
    limit.close();
  }
}

async function readKeys(url: URL, signal: AbortSignal): Promise<{ keys: (JsonWebKey & { kid?: unknown })[] }> {
  const response = await fetch(url, { redirect: 'error', signal });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return (await response.json()) as { keys: (JsonWebKey & { kid?: unknown })[] };
}

function isSigningKey(key: JsonWebKey & { kid?: unknown }): key is JsonWebKey & { kid: string } {
  const forSigning = key.use === undefined || key.use === 'sig';
  return key.kty === 'OKP' && key.crv === 'Ed25519' && typeof key.x === 'string' && typeof key.kid === 'string' && forSigning;
}
