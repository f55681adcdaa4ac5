import { describe, expect, it } from "vitest";
import { moved, ordered } from "~/features/policy/Channels";
import { countries } from "~/features/policy/countries";
import { said } from "~/features/policy/Diff";
import { changesBetween, newlyWeaker, withAudience, type Draft } from "~/features/policy/model";
import { i18next } from "~/texts";
import { formats } from "~/ui/formats";

const audience: Draft["internal"] = {
  allowedChannels: ["SMS", "TOTP"], enrollmentOpensAt: null, mandatoryFrom: "2026-01-01T00:00:00Z", maxSkips: null, gracePeriodSeconds: 0,
  defaultLevel: "STANDARD", minimumLevel: "STANDARD", userMayChooseLevel: true, adaptiveFrom: null, trustedDeviceSeconds: 0,
};
const draft: Draft = {
  internal: audience, external: audience, allowedNetworks: [], phoneCountries: ["US"],
  codes: { digits: 6, ttlSeconds: 300, maxAttempts: 5, resendAfterSeconds: 30 },
  risk: { challengeThreshold: 50, denyThreshold: null, maxTravelSpeedKmh: 900 }, temporaryAccessMaxSeconds: 28_800,
};

describe("a draft", () => {
  it("differs by the fields that were changed", () => {
    expect(changesBetween(draft, structuredClone(draft))).toEqual([]);
    const changed = withAudience({ ...draft, codes: { ...draft.codes, digits: 8 } }, "external", { allowedChannels: ["TOTP", "SMS"] });
    expect(changesBetween(draft, changed).map((change) => change.place)).toEqual(["external.allowedChannels", "codes.digits"]);
  });

  it("must accept mail on record once, when it is turned on", () => {
    const withMail = withAudience(draft, "external", { allowedChannels: ["SMS", "EMAIL"] });
    expect(newlyWeaker(draft, withMail)).toEqual(["EMAIL"]);
    expect(newlyWeaker(withMail, withAudience(withMail, "internal", { allowedChannels: ["EMAIL"] }))).toEqual([]);
    expect(newlyWeaker(withMail, draft)).toEqual([]);
  });

  it("is said in words", () => {
    const say = (place: string, value: unknown) => said(place, value, i18next.t, formats("en", { timeZone: "America/New_York", aheadMs: 0 }));
    expect(say("external.mandatoryFrom", null)).toBe("never");
    expect(say("external.mandatoryFrom", "2027-03-01T05:00:00Z")).toBe("Mar 1, 2027");
    expect(say("internal.allowedChannels", ["SMS", "PASSKEY"])).toBe("Text message, Passkey");
    expect(say("internal.defaultLevel", "HIGH")).toBe("High");
    expect(say("internal.trustedDeviceSeconds", 2_592_000)).toBe("30 days");
    expect(say("temporaryAccessMaxSeconds", 28_800)).toBe("8 hours");
    expect(say("phoneCountries", ["US", "CA"])).toBe("United States, Canada");
    expect(say("allowedNetworks", [{ label: "Office", cidr: "192.0.2.0/24", expiresAt: null }])).toBe("Office (192.0.2.0/24)");
    expect(say("risk.denyThreshold", null)).toBe("never");
  });
});

describe("channels", () => {
  it("stand in their order, then those that are off", () => {
    expect(ordered(["TOTP", "SMS"])).toEqual(["TOTP", "SMS", "VOICE", "EMAIL", "PASSKEY"]);
  });

  it("change places with their neighbour and stay at the ends", () => {
    expect(moved(["SMS", "VOICE", "TOTP"], "TOTP", -1)).toEqual(["SMS", "TOTP", "VOICE"]);
    expect(moved(["SMS", "VOICE"], "SMS", -1)).toEqual(["SMS", "VOICE"]);
    expect(moved(["SMS", "VOICE"], "EMAIL", 1)).toEqual(["SMS", "VOICE"]);
  });
});

describe("countries", () => {
  it("are those of the world, by name", () => {
    const all = countries("en");
    expect(all.length).toBeGreaterThan(220);
    expect(all).toContainEqual({ value: "US", label: "United States" });
    for (const none of ["ZZ", "EU", "DD", "AQ"]) expect(all.map((one) => one.value), none).not.toContain(none);
  });
});
