/** A policy that is being edited: everything said, nothing left to a default. */

import type { AudienceFieldsFragment, PolicyFieldsFragment } from "~/gql/generated/policy";
import type { PolicyInput } from "~/gql/generated/schema";

export type Version = PolicyFieldsFragment;
export type AudienceName = "external" | "internal";
export type AudienceDraft = AudienceFieldsFragment;

export type Draft = Pick<Version, "internal" | "external" | "allowedNetworks" | "phoneCountries" | "codes" | "risk" | "temporaryAccessMaxSeconds">;

export const AUDIENCES: readonly AudienceName[] = ["external", "internal"];

export function draftOf(version: Version): Draft {
  const { internal, external, allowedNetworks, phoneCountries, codes, risk, temporaryAccessMaxSeconds } = version;
  return { internal, external, allowedNetworks, phoneCountries, codes, risk, temporaryAccessMaxSeconds };
}

/** As the API takes it: whole. An explicit null keeps what a left-out field would change. */
export function inputOf(draft: Draft): PolicyInput {
  return { ...draft };
}

export const withAudience = (draft: Draft, name: AudienceName, changed: Partial<AudienceDraft>): Draft =>
  ({ ...draft, [name]: { ...draft[name], ...changed } });

/** One thing that differs, by its place in the policy. */
export type Change = { place: string; before: unknown; after: unknown };

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What differs between two policies, field by field. Lists are one field: their order counts. */
export function changesBetween(before: Draft, after: Draft): Change[] {
  const walk = (place: string, a: unknown, b: unknown): Change[] => {
    if (isPlain(a) && isPlain(b)) {
      return Object.keys(b).flatMap((key) => walk(place ? `${place}.${key}` : key, a[key], b[key]));
    }
    return same(a, b) ? [] : [{ place, before: a, after: b }];
  };
  return walk("", before, after);
}

/** Weaker channels that are turned on by this, and must be accepted on record. */
export function newlyWeaker(before: Draft, after: Draft): "EMAIL"[] {
  const allows = (draft: Draft) => AUDIENCES.some((name) => draft[name].allowedChannels.includes("EMAIL"));
  return allows(after) && !allows(before) ? ["EMAIL"] : [];
}
