/** Where a partner's first template begins: with the policy that a new tenant has without one. */

import type { AudienceDraft, Draft, Version } from "~/features/policy/model";

const DAY_SECONDS = 86_400;

function audience(now: string, trustedDays: number): AudienceDraft {
  return {
    allowedChannels: ["SMS", "VOICE", "TOTP", "PASSKEY"], enrollmentOpensAt: null, mandatoryFrom: now, maxSkips: null, gracePeriodSeconds: 0,
    defaultLevel: "STANDARD", minimumLevel: "STANDARD", userMayChooseLevel: true, adaptiveFrom: null, trustedDeviceSeconds: trustedDays * DAY_SECONDS,
  };
}

export function firstDraft(now: string): Draft {
  return {
    internal: audience(now, 30), external: audience(now, 0), allowedNetworks: [], phoneCountries: ["US"],
    codes: { digits: 6, ttlSeconds: 300, maxAttempts: 5, resendAfterSeconds: 30 },
    risk: { challengeThreshold: 50, denyThreshold: null, maxTravelSpeedKmh: 900 }, temporaryAccessMaxSeconds: 28_800,
  };
}

/** The version before the first. */
export function noVersion(now: string): Version {
  return { id: "", version: 0, status: "ACTIVE", effectiveAt: now, publishedBy: null, comment: null, ...firstDraft(now) };
}
