/**
 * A small client for Postern's GraphQL API.
 *
 * Two kinds of refusal are kept apart, as the API does. What a person can put right (a wrong code, a
 * number that cannot be reached) comes back as `userErrors` inside the payload and is the caller's to
 * show. What nobody at the keyboard can help (credentials, overload, our own mistakes) is thrown as a
 * `PosternError`.
 *
 * A request is repeated only where that can do no harm: queries, a mutation under an idempotency key,
 * and anything that surely never reached Postern. A code that was sent twice, or a guess that was
 * counted twice, would be the user's loss.
 */

/** Error codes of a socket that never carried the request. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Longest pause between two tries, in milliseconds; what asks for more is left to the user. */
const LONGEST_PAUSE = 2_000;

/** A top-level error: `code` is Postern's, or UNREACHABLE or MALFORMED when there was no answer to read. */
export class PosternError extends Error {
  /**
   * @param {string} message
   * @param {{code: string, status?: number, requestId?: string | null, retryAfterSeconds?: number | null,
   *   reason?: string | null, cause?: unknown}} detail
   */
  constructor(message, { code, status = 0, requestId = null, retryAfterSeconds = null, reason = null, cause }) {
    super(message, { cause });
    this.name = 'PosternError';
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason;
  }
}

/**
 * @typedef {object} ClientOptions
 * @property {string} url base address of Postern
 * @property {string} apiKey
 * @property {string} [actor] email of the administrator on whose behalf a SUPPORT key acts
 * @property {number} [attempts] tries in all
 * @property {number} [timeoutMs] for one try
 * @property {(ms: number) => Promise<void>} [sleep]
 */

export class PosternClient {
  /** @param {ClientOptions} options */
  constructor({ url, apiKey, actor, attempts = 3, timeoutMs = 10_000, sleep = pause }) {
    this.endpoint = new URL('/graphql', url);
    this.headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...(actor ? { 'x-postern-actor': actor } : {}),
    };
    this.attempts = attempts;
    this.timeoutMs = timeoutMs;
    this.sleep = sleep;
  }

  /**
   * Run one document and return its `data`.
   * @param {string} document
   * @param {Record<string, unknown>} [variables]
   * @param {{repeatable?: boolean}} [options] repeatable: a second execution does no harm
   * @returns {Promise<any>}
   */
  async request(document, variables = {}, { repeatable = isQuery(document) } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(document, variables);
      } catch (error) {
        const wait = attempt < this.attempts ? pauseBefore(error, attempt, repeatable) : null;
        if (wait === null) throw error;
        await this.sleep(wait);
      }
    }
  }

  /**
   * Run a mutation and return its payload.
   * @param {string} document a document with one mutation that takes `$input`
   * @param {Record<string, unknown>} input an `idempotencyKey` in it makes the call repeatable
   * @returns {Promise<any>} with `userErrors`, empty when all went well
   */
  async mutate(document, input) {
    const data = await this.request(document, { input }, { repeatable: typeof input.idempotencyKey === 'string' });
    return Object.values(data)[0];
  }

  /** @param {string} document @param {Record<string, unknown>} variables */
  async #once(document, variables) {
    const response = await this.#post(JSON.stringify({ query: document, variables }));
    const requestId = response.headers.get('x-request-id');
    const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    const context = { status: response.status, requestId, retryAfterSeconds: Number.isNaN(retryAfter) ? null : retryAfter };
    const body = await readJson(response, context);
    if (body.errors?.length) throw topLevel(body.errors[0], context);
    if (!response.ok || !body.data) {
      throw new PosternError(`Postern answered ${response.status} without data`, { code: codeOf(response.status), ...context });
    }
    return body.data;
  }

  /** @param {string} body */
  async #post(body) {
    try {
      return await fetch(this.endpoint, {
        method: 'POST',
        headers: this.headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
    } catch (cause) {
      throw new PosternError('Postern could not be reached', { code: 'UNREACHABLE', cause });
    }
  }
}

/** @param {string} document */
const isQuery = (document) => /^\s*query\b/.test(document);

/** @param {number} ms @returns {Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * How long to wait before trying again, or null to give up.
 * @param {unknown} error @param {number} attempt @param {boolean} repeatable
 */
function pauseBefore(error, attempt, repeatable) {
  if (!(error instanceof PosternError)) return null;
  const passing = error.code === 'UNREACHABLE' || error.code === 'UNAVAILABLE';
  const refusedUnread = error.status === 503 || neverSent(error.cause);
  if (!passing || !(repeatable || refusedUnread)) return null;
  const wait = error.retryAfterSeconds === null ? 100 * 2 ** (attempt - 1) : error.retryAfterSeconds * 1_000;
  return wait <= LONGEST_PAUSE ? wait : null;
}

/** @param {any} error a failure of fetch, whose reason hides in `cause` and, with two addresses tried, in `errors` */
function neverSent(error) {
  const cause = error?.cause;
  const causes = cause?.errors ?? [cause];
  return causes.length > 0 && causes.every((/** @type {any} */ one) => NEVER_SENT.has(one?.code));
}

/** @param {Response} response @param {{status: number, requestId: string | null}} context */
async function readJson(response, context) {
  try {
    return await response.json();
  } catch (cause) {
    const code = response.ok ? 'MALFORMED' : codeOf(response.status);
    throw new PosternError(`Postern answered ${response.status} with something other than JSON`, { code, ...context, cause });
  }
}

/** @param {any} error @param {{status: number, requestId: string | null, retryAfterSeconds: number | null}} context */
function topLevel(error, context) {
  const extensions = error.extensions ?? {};
  return new PosternError(error.message ?? 'Postern refused the request', {
    ...context,
    code: extensions.code ?? codeOf(context.status),
    reason: extensions.reason ?? null,
    requestId: extensions.requestId ?? context.requestId,
    retryAfterSeconds: extensions.retryAfterSeconds ?? context.retryAfterSeconds,
  });
}

/** The code an answer without one stands for. @param {number} status */
function codeOf(status) {
  const codes = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 429: 'RATE_LIMITED', 503: 'UNAVAILABLE' };
  return codes[/** @type {keyof typeof codes} */ (status)] ?? (status >= 500 ? 'INTERNAL' : 'BAD_REQUEST');
}
