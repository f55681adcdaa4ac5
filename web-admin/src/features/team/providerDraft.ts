/** The identity provider while it is typed. */

import type { SecondFactorRule, SetIdentityProviderInput } from "~/gql/generated/schema";
import type { Known } from "./Provider";

export const RULES = ["POSTERN", "IDENTITY_PROVIDER"] as const satisfies readonly SecondFactorRule[];

export type Draft = { issuer: string; clientId: string; clientSecret: string; domains: string; secondFactor: SecondFactorRule; acrValues: string; passwordAllowed: boolean };

export const draftOf = (provider: Known | null): Draft => ({
  issuer: provider?.issuer ?? "", clientId: provider?.clientId ?? "", clientSecret: "",
  domains: provider?.domains.join("\n") ?? "", secondFactor: provider?.secondFactor ?? "POSTERN",
  acrValues: provider?.acrValues.join("\n") ?? "", passwordAllowed: provider?.passwordAllowed ?? true,
});

const words = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== "");

/** An empty secret is none: the one that is there stays. */
export const inputOf = (draft: Draft): SetIdentityProviderInput => ({
  issuer: draft.issuer.trim(), clientId: draft.clientId.trim(), clientSecret: draft.clientSecret || null,
  domains: words(draft.domains), secondFactor: draft.secondFactor,
  acrValues: draft.secondFactor === "POSTERN" ? [] : words(draft.acrValues), passwordAllowed: draft.passwordAllowed,
});
