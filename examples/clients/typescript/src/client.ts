/** A client of Postern's GraphQL API, for servers: its key must never reach a browser. */
import { readAnswer } from './answers.js';
import { type Document, isQuery } from './document.js';
import { PosternError, PosternRefusal, type UserError } from './errors.js';
import { events } from './events.js';
import { Limit } from './limit.js';
import { Logins } from './logins.js';
import { pauseBefore } from './retry.js';

/** How to reach Postern, and as whom. */
export interface ClientOptions {
  /** Postern's address. */
  url: string;
  apiKey: string;
  /** `Tenant.id`, for a partner's key. */
  tenantId?: string;
  /** Email of the administrator for whom a SUPPORT key acts. */
  actor?: string;
  /** Tries in all; 3. */
  attempts?: number;
  /** For one try, in milliseconds; 10,000. */
  timeoutMs?: number;
  /** For tests: time and chance. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
}

/** Of one call. */
export interface CallOptions {
  /** Whether a second execution does no harm; true for queries and under an idempotency key. */
  repeatable?: boolean;
  /** Gives up, also between two tries. */
  signal?: AbortSignal;
}

/** A mutation's payload. */
export interface Payload {
  userErrors: readonly UserError[];
}

export class PosternClient {
  /** The login path, with refusals thrown. */
  readonly logins: Logins = new Logins(this);
  readonly #endpoint: URL;
  readonly #headers: Record<string, string>;
  readonly #options: Required<Pick<ClientOptions, 'attempts' | 'timeoutMs' | 'sleep' | 'random'>>;

  constructor({ url, apiKey, tenantId, actor, attempts = 3, timeoutMs = 10_000, sleep = pause, random = Math.random }: ClientOptions) {
    this.#endpoint = new URL('/graphql', url);
    this.#headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      ...(tenantId ? { 'x-postern-tenant': tenantId } : {}),
      ...(actor ? { 'x-postern-actor': actor } : {}),
    };
    this.#options = { attempts, timeoutMs, sleep, random };
  }

  /** Runs a document and gives its data. */
  async request<TData = any, TVariables = Record<string, unknown>>(
    document: Document<TData, TVariables>,
    variables?: TVariables,
    { repeatable, signal }: CallOptions = {},
  ): Promise<TData> {
    const text = document.toString();
    const harmless = repeatable ?? isQuery(text);
    const body = JSON.stringify({ query: text, variables: variables ?? {} });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#answer(body, signal)) as TData;
      } catch (error) {
        const left = attempt < this.#options.attempts && !signal?.aborted;
        const wait = left ? pauseBefore(error, attempt, harmless, this.#options.random()) : null;
        if (wait === null) throw error;
        await this.#options.sleep(wait, signal);
      }
    }
  }

  /** Runs a mutation of one field that takes `$input`, and gives its payload, whose `userErrors` are yours to look at. */
  async mutate<TData extends object = any, TInput extends object = Record<string, unknown>>(
    document: Document<TData, { input: TInput }>,
    input: TInput,
    options: CallOptions = {},
  ): Promise<TData[keyof TData]> {
    const repeatable = 'idempotencyKey' in input && typeof input.idempotencyKey === 'string';
    const data = await this.request<TData, { input: TInput }>(document, { input }, { repeatable, ...options });
    return Object.values(data)[0] as TData[keyof TData];
  }

  /** The same, with a refusal thrown as a {@link PosternRefusal}. */
  async must<TData extends object = any, TInput extends object = Record<string, unknown>>(
    document: Document<TData, { input: TInput }>,
    input: TInput,
    options: CallOptions = {},
  ): Promise<TData[keyof TData]> {
    const payload = await this.mutate(document, input, options);
    const { userErrors } = payload as unknown as Payload;
    if (userErrors[0]) throw new PosternRefusal(userErrors[0], userErrors, payload);
    return payload;
  }

  /**
   * What a subscription tells: the present state, and each that is found when it changed, until the
   * subscription is complete. A connection that breaks is begun anew; states may come twice.
   */
  subscribe<TData = any, TVariables = Record<string, unknown>>(
    document: Document<TData, TVariables>,
    variables?: TVariables,
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): AsyncGenerator<TData, void, undefined> {
    const body = JSON.stringify({ query: document.toString(), variables: variables ?? {} });
    const open = (accept: string, until: AbortSignal) => this.#send(body, accept, until);
    return events<TData>({ open, ...this.#options, ...(signal ? { signal } : {}) });
  }

  async #answer(body: string, signal?: AbortSignal): Promise<unknown> {
    const limit = new Limit(this.#options.timeoutMs, signal);
    try {
      return await limit.hold(this.#send(body, ACCEPT, limit.signal).then(readAnswer));
    } catch (cause) {
      if (signal?.aborted) throw new PosternError('The call was given up', { code: 'ABORTED', cause });
      if (limit.signal.aborted) throw unreachable(cause);
      throw cause;
    } finally {
      limit.close();
    }
  }

  async #send(body: string, accept: string, until: AbortSignal): Promise<Response> {
    try {
      const headers = { ...this.#headers, accept };
      return await fetch(this.#endpoint, { method: 'POST', headers, body, redirect: 'error', signal: until });
    } catch (cause) {
      throw unreachable(cause);
    }
  }
}

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

const unreachable = (cause: unknown): PosternError => new PosternError('Postern could not be reached', { code: 'UNREACHABLE', cause });

/** Waits, or less long when the signal says so. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

