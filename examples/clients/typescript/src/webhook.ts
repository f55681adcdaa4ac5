/** Webhooks after Standard Webhooks: HMAC-SHA-256 over `id.timestamp.body`, with a time and several signatures. */
import { WebhookError } from './errors.js';

/** How old, or how far ahead, a webhook may be, in seconds. */
export const TOLERANCE_SECONDS = 300;
const PREFIX = 'whsec_';

/** What happened. `data` says who and which, not everything: read the thing itself. */
export interface WebhookEvent {
  /** `webhook-id`: the same however often it is sent; keep those that you handled for a week. */
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** Headers as `fetch` or Node's `http` give them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

export interface WebhookOptions {
  /** For tests: milliseconds since 1970. */
  now?: number;
}

/**
 * The event of a request, once it is known to be Postern's. `body` is the text as it came, before
 * anything parsed it; `secrets` is the endpoint's, or several while it rotates.
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  headers: WebhookHeaders,
  body: string,
  { now = Date.now() }: WebhookOptions = {},
): Promise<WebhookEvent> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => header(headers, name));
  if (!id || !timestamp || !signatures) throw new WebhookError('a header is missing');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError('its time cannot be read');
  if (Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) throw new WebhookError('it is too old, or from the future');
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const keys = await Promise.all([secrets].flat().map(importSecret));
  const checks = signatures.split(' ').flatMap((signature) => keys.map((key) => isSignature(key, signature, signed)));
  if (!(await Promise.all(checks)).includes(true)) throw new WebhookError('no signature is right');
  return { id, ...readEvent(body) };
}

function header(headers: WebhookHeaders, name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : null;
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  return crypto.subtle.importKey('raw', base64(encoded), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

/** The comparison is WebCrypto's, which takes the same time for every wrong signature. */
async function isSignature(key: CryptoKey, signature: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const [version, value] = signature.split(',');
  if (version !== 'v1' || !value || !/^[A-Za-z0-9+/]+=*$/.test(value)) return false;
  try {
    return await crypto.subtle.verify('HMAC', key, base64(value), signed);
  } catch {
    return false;
  }
}

const base64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function readEvent(body: string): Omit<WebhookEvent, 'id'> {
  try {
    const { type, timestamp, data } = JSON.parse(body) as WebhookEvent;
    if (typeof type === 'string' && typeof timestamp === 'string' && typeof data === 'object') return { type, timestamp, data };
  } catch {
    // Told below: it is signed, and yet no event.
  }
  throw new WebhookError('its body is no event');
}
