/** What the API says when it does not do what it was asked. */

import type { UserError } from "~/gql/generated/schema";

/** Why a whole request was refused or failed: `extensions.code` of docs/integrators.md, or no answer at all. */
export type FaultCode =
  | "UNAUTHENTICATED" | "FORBIDDEN" | "RATE_LIMITED" | "BAD_REQUEST" | "QUERY_TOO_COMPLEX" | "UNAVAILABLE" | "INTERNAL"
  | "NO_CONNECTION" | "WRONG_CODE" | "NOT_FOUND" | "INVALID" | "TOO_SOON" | "EXPIRED" | "TOO_MANY_ATTEMPTS" | "USER_LOCKED"
  | "ALREADY_COMPLETED" | "VERIFICATION_REQUIRED";

/** The request as a whole came to nothing. */
export class Fault extends Error {
  constructor(
    readonly code: FaultCode,
    message: string,
    readonly details: { requestId?: string | undefined; retryAfterSeconds?: number | undefined; attemptsRemaining?: number | undefined; reason?: string | undefined } = {},
  ) {
    super(message);
    this.name = "Fault";
  }
}

export type Complaint = Pick<UserError, "code" | "message" | "field">;

/** A mutation's expected no: sentences for the person who asked. */
export class Refusal extends Error {
  constructor(readonly complaints: readonly Complaint[]) {
    super(complaints.map((complaint) => complaint.message).join(" "));
    this.name = "Refusal";
  }

  /** The sentence about the input's field that ends like this, e.g. `"external.mandatoryFrom"`. */
  about(place: string): string | undefined {
    return this.complaints.find((complaint) => complaint.field?.join(".").endsWith(place))?.message;
  }

  has(code: Complaint["code"]): boolean {
    return this.complaints.some((complaint) => complaint.code === code);
  }
}

/** An error as it stands in an answer's `errors`. */
export type WireError = { message: string; extensions?: { code?: string; retryAfterSeconds?: number; attemptsRemaining?: number; reason?: string } };

export function faultOf(error: WireError | undefined, requestId?: string | null): Fault {
  const { code, retryAfterSeconds, attemptsRemaining, reason } = error?.extensions ?? {};
  return new Fault((code ?? "INTERNAL") as FaultCode, error?.message ?? "", {
    requestId: requestId ?? undefined, retryAfterSeconds, attemptsRemaining, reason,
  });
}
