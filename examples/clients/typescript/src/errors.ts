/**
 * The ways in which a call does not succeed.
 *
 * What a person can put right, a wrong code say, is a {@link PosternRefusal}: show its message, decide by
 * its code. What nobody at the keyboard can help is a {@link PosternError}.
 */
import type { UserErrorCode } from './generated.js';

/** One expected *no*, as the API gives it. */
export interface UserError {
  code: UserErrorCode;
  /** A sentence for a person. */
  message: string;
  /** Path into the input; null where no field is at fault. */
  field: readonly string[] | null;
}

/** `extensions.code` of an error, or what an answer without one stands for. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'BAD_REQUEST'
  | 'UNAVAILABLE'
  | 'INTERNAL'
  /** Nothing came back: it is unknown whether the request was carried out. */
  | 'UNREACHABLE'
  /** What came back was no answer of Postern's. */
  | 'MALFORMED'
  /** The caller's own signal. */
  | 'ABORTED';

/** What is known of an error besides its sentence. */
export interface ErrorDetail {
  code: ErrorCode;
  status?: number;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  reason?: string | null;
  cause?: unknown;
}

/** A call that failed. */
export class PosternError extends Error {
  override readonly name: string = 'PosternError';
  readonly code: ErrorCode;
  /** Of the HTTP answer; 0 without one. */
  readonly status: number;
  /** By which Postern's operator finds it in the logs. */
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  /** `extensions.reason` of FORBIDDEN. */
  readonly reason: string | null;

  constructor(message: string, detail: ErrorDetail) {
    super(message, { cause: detail.cause });
    this.code = detail.code;
    this.status = detail.status ?? 0;
    this.requestId = detail.requestId ?? null;
    this.retryAfterSeconds = detail.retryAfterSeconds ?? null;
    this.reason = detail.reason ?? null;
  }
}

/** A mutation that was understood and not done. */
export class PosternRefusal<TPayload = unknown> extends Error {
  override readonly name: string = 'PosternRefusal';
  /** Of the first user error. */
  readonly code: UserErrorCode;
  readonly userErrors: readonly UserError[];
  /** With what is told beside a refusal: after WRONG_CODE the `challenge`, with the tries that are left. */
  readonly payload: TPayload;

  constructor(first: UserError, userErrors: readonly UserError[], payload: TPayload) {
    super(first.message);
    this.code = first.code;
    this.userErrors = userErrors;
    this.payload = payload;
  }

  /** Whether any of the reasons is this one. */
  has(code: UserErrorCode): boolean {
    return this.userErrors.some((error) => error.code === code);
  }
}

/** An assertion that was not believed; `reason` is for the log, never for the page. */
export class AssertionError extends Error {
  override readonly name: string = 'AssertionError';

  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`The assertion was refused: ${reason}`, { cause });
  }
}

/** A webhook that was not believed: answer it with 400. */
export class WebhookError extends Error {
  override readonly name: string = 'WebhookError';

  constructor(readonly reason: string) {
    super(`The webhook was refused: ${reason}`);
  }
}
