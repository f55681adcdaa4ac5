/** From an HTTP answer to data or an error. */
import { type ErrorCode, type ErrorDetail, PosternError } from './errors.js';

interface GraphqlError {
  message?: string;
  extensions?: { code?: ErrorCode; reason?: string; requestId?: string; retryAfterSeconds?: number };
}

/** The body of an answer, and what one event carries. */
export interface GraphqlAnswer {
  data?: unknown;
  errors?: GraphqlError[];
}

/** What an answer's headers tell of it. */
export function contextOf(response: Response): Omit<ErrorDetail, 'code'> {
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return {
    status: response.status,
    requestId: response.headers.get('x-request-id'),
    retryAfterSeconds: Number.isNaN(retryAfter) ? null : retryAfter,
  };
}

/** The data of an answer; data beside an error is not used. */
export async function readAnswer(response: Response): Promise<unknown> {
  const context = contextOf(response);
  return dataOf(await readJson(response, context), context, response.ok);
}

/** The data of a body. */
export function dataOf(body: GraphqlAnswer, context: Omit<ErrorDetail, 'code'>, ok = true): unknown {
  const first = body.errors?.[0];
  if (first) throw topLevel(first, context);
  if (!ok || !body.data) {
    throw new PosternError(`Postern answered ${context.status} without data`, { ...context, code: codeOf(context.status ?? 0) });
  }
  return body.data;
}

async function readJson(response: Response, context: Omit<ErrorDetail, 'code'>): Promise<GraphqlAnswer> {
  try {
    return (await response.json()) as GraphqlAnswer;
  } catch (cause) {
    // A body that breaks off tells nothing of what was done.
    const broken = cause instanceof SyntaxError ? 'MALFORMED' : 'UNREACHABLE';
    const code = response.ok ? broken : codeOf(response.status);
    throw new PosternError(`Postern answered ${response.status} with something other than JSON`, { ...context, code, cause });
  }
}

function topLevel(error: GraphqlError, context: Omit<ErrorDetail, 'code'>): PosternError {
  const extensions = error.extensions ?? {};
  return new PosternError(error.message ?? 'Postern refused the request', {
    ...context,
    code: extensions.code ?? codeOf(context.status ?? 0),
    reason: extensions.reason ?? null,
    requestId: extensions.requestId ?? context.requestId ?? null,
    retryAfterSeconds: extensions.retryAfterSeconds ?? context.retryAfterSeconds ?? null,
  });
}

/** The code that an answer without one stands for. */
function codeOf(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 429: 'RATE_LIMITED', 503: 'UNAVAILABLE' };
  return codes[status] ?? (status >= 500 ? 'INTERNAL' : 'BAD_REQUEST');
}
