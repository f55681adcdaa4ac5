/** What may stand behind the `?` of an address: every filter, tab and page of a list has an address of its own.
 * Whatever is not one of the known words is left out. */

import type { Channel, EnrollmentState, LoginOutcome, MessageChannel, MessageStatus, UserKind, UserStatus } from "~/gql/generated/schema";

type Raw = Record<string, unknown>;

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 500) : typeof value === "number" ? String(value) : undefined);

function one<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

export const KINDS = ["INTERNAL", "EXTERNAL"] as const satisfies readonly UserKind[];
export const ENROLLMENTS = ["NOT_ENROLLED", "SKIPPED", "ENROLLED", "OPTED_OUT"] as const satisfies readonly EnrollmentState[];
export const STATUSES = ["ACTIVE", "LOCKED", "DISABLED"] as const satisfies readonly UserStatus[];
export const OUTCOMES = ["ALLOW", "CHALLENGE", "ENROLL", "DENY"] as const satisfies readonly LoginOutcome[];
export const CHANNELS = ["SMS", "VOICE", "EMAIL", "TOTP", "PASSKEY"] as const satisfies readonly Channel[];
export const MESSAGE_CHANNELS = ["SMS", "VOICE", "EMAIL"] as const satisfies readonly MessageChannel[];
export const MESSAGE_STATUSES = ["QUEUED", "SENDING", "ACCEPTED", "DELIVERED", "FAILED", "CANCELED"] as const satisfies readonly MessageStatus[];
export const SPANS = [7, 30, 90] as const;

/** All of it may be left out. */
const known = <Words extends object>(words: Words): { [Word in keyof Words]?: Words[Word] } => words;

export const signIn = (raw: Raw) => known({ back: text(raw["back"]), why: one(raw["why"], ["idle", "expired"] as const) });
export const overview = (raw: Raw) => known({ days: SPANS.find((days) => days === Number(raw["days"])) });
export const users = (raw: Raw) => known({
  search: text(raw["search"]), kind: one(raw["kind"], KINDS), enrollment: one(raw["enrollment"], ENROLLMENTS),
  status: one(raw["status"], STATUSES), after: text(raw["after"]),
});
export const user = (raw: Raw) => known({ after: text(raw["after"]), login: text(raw["login"]) });
export const logins = (raw: Raw) => known({ outcome: one(raw["outcome"], OUTCOMES), after: text(raw["after"]), login: text(raw["login"]) });
export const messages = (raw: Raw) => known({
  channel: one(raw["channel"], MESSAGE_CHANNELS), status: one(raw["status"], MESSAGE_STATUSES), after: text(raw["after"]), message: text(raw["message"]),
});
export const requests = (raw: Raw) => known({ all: raw["all"] === true || raw["all"] === "true" ? true : undefined, after: text(raw["after"]) });
export const audit = (raw: Raw) => known({ action: text(raw["action"]), actor: text(raw["actor"]), from: text(raw["from"]), to: text(raw["to"]), after: text(raw["after"]) });
export const deliveries = (raw: Raw) => known({ endpoint: text(raw["endpoint"]), after: text(raw["after"]) });
export const history = (raw: Raw) => known({ version: Number(raw["version"]) || undefined, after: text(raw["after"]) });
export const tenants = (raw: Raw) => known({ search: text(raw["search"]), after: text(raw["after"]) });
export const drift = (raw: Raw) => known({ after: text(raw["after"]) });
export const onboarding = (raw: Raw) => known({ after: text(raw["after"]), job: text(raw["job"]) });
export const rollout = (raw: Raw) => known({ kind: one(raw["kind"], KINDS) });
