/**
 * What may be repeated, and after what pause.
 *
 * A request is repeated only where that can do no harm: queries, a mutation under an idempotency key,
 * and anything that surely was not carried out. A code that was sent twice, or a guess that was counted
 * twice, would be the user's loss.
 */
import { PosternError } from './errors.js';

/** Error codes of a socket that never carried the request. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const FIRST_PAUSE = 100;
/** In milliseconds; what asks for more is left to the caller. */
export const LONGEST_PAUSE = 2_000;

/** How long to wait before another try, in milliseconds, or null to give up. `random` is from 0 to 1. */
export function pauseBefore(error: unknown, attempt: number, repeatable: boolean, random: number): number | null {
  if (!(error instanceof PosternError)) return null;
  const passing = error.code === 'UNREACHABLE' || error.code === 'UNAVAILABLE';
  const surelyNotDone = error.status === 503 || neverSent(error.cause);
  if (!passing || !(repeatable || surelyNotDone)) return null;
  const pause = error.retryAfterSeconds === null ? backOff(attempt, random) : error.retryAfterSeconds * 1_000;
  return pause <= LONGEST_PAUSE ? pause : null;
}

/** Doubling, and never the same for all who failed together. */
export const backOff = (attempt: number, random: number): number =>
  Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)) * (1 - random / 2);

/** fetch hides why it failed in `cause` and, with two addresses tried, in `errors`. */
function neverSent(error: unknown): boolean {
  const cause = property(error, 'cause');
  const tried = property(cause, 'errors');
  const causes = Array.isArray(tried) ? tried : [cause];
  return causes.length > 0 && causes.every((one) => NEVER_SENT.has(String(property(one, 'code'))));
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
