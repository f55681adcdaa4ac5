import { describe, expect, it, vi } from "vitest";
import { slugOf } from "~/features/partner/slug";
import { firstDraft } from "~/features/partner/template/first";
import { collapsed, expanded, lockChanges, placesOf } from "~/features/partner/template/locks";
import { merged, runWave, type Realign, type Result } from "~/features/partner/template/wave";
import { nameOf } from "~/features/policy/Diff";
import { holderIn, safeReturn } from "~/features/session/session";
import { homeIn } from "~/shell/places";
import { i18next } from "~/texts";

const places = placesOf(firstDraft("2027-01-01T00:00:00Z"));

describe("the locks of a template", () => {
  it("name every field of a policy, each with words of its own", () => {
    expect(places).toHaveLength(30);
    expect(places).toContain("external.mandatoryFrom");
    const names = places.map((place) => nameOf(place, i18next.t));
    expect(new Set(names).size).toBe(30);
    expect(names.filter((name) => name.includes("field."))).toEqual([]);
  });

  it("lock all below a name, and are called by it again while all of it is locked", () => {
    const codes = ["codes.digits", "codes.ttlSeconds", "codes.maxAttempts", "codes.resendAfterSeconds"];
    expect(expanded(["codes", "phoneCountries"], places)).toEqual(["phoneCountries", ...codes]);
    expect(collapsed(expanded(["codes", "phoneCountries"], places), places)).toEqual(["phoneCountries", "codes"]);
    expect(collapsed(codes.slice(1), places)).toEqual(codes.slice(1));
  });

  it("differ by what is locked and what is free now", () => {
    expect(lockChanges(["a", "b"], ["b", "c"])).toEqual({ locked: ["c"], freed: ["a"] });
  });
});

const result = (id: string, outcome: Result["outcome"]): Result => ({ outcome, fields: [], message: null, tenant: { id, slug: id, name: id } });

describe("a wave", () => {
  it("goes by some at a time, and can be stopped between them", async () => {
    const ids = Array.from({ length: 45 }, (_, index) => `tenant_${index}`);
    const realign = vi.fn<Realign>(async (some) => ({ results: (some ?? []).map((id) => result(id, "CHANGED")), tenantsChanged: some?.length ?? 0, tenantsFailed: 0 }));
    const told: Result[] = [];
    await runWave(realign, ids, (fresh) => told.push(...fresh), () => told.length >= 40);
    expect(realign.mock.calls.map(([some]) => some?.length)).toEqual([20, 20]);
    expect(told.map(({ tenant }) => tenant.id)).toEqual(ids.slice(0, 40));
  });

  it("of all goes on while some were not reached, and not for ever", async () => {
    const answers = [{ tenantsChanged: 800, tenantsFailed: 200 }, { tenantsChanged: 199, tenantsFailed: 1 }, { tenantsChanged: 0, tenantsFailed: 1 }];
    const realign = vi.fn<Realign>(async () => ({ results: [], ...(answers.shift() ?? { tenantsChanged: 0, tenantsFailed: 0 }) }));
    await runWave(realign, null, () => undefined, () => false);
    expect(realign).toHaveBeenCalledTimes(3);
    expect(realign).toHaveBeenCalledWith(null);
  });

  it("keeps the latest word on each tenant", () => {
    const after = merged([result("a", "FAILED"), result("b", "CHANGED")], [result("a", "CHANGED"), result("c", "UNCHANGED")]);
    expect(after.map(({ tenant, outcome }) => `${tenant.id} ${outcome}`)).toEqual(["a CHANGED", "b CHANGED", "c UNCHANGED"]);
  });
});

describe("a short name", () => {
  it("is made of the name, as far as addresses allow", () => {
    expect(slugOf("Harbor Wealth & Söhne, Inc.")).toBe("harbor-wealth-sohne-inc");
    expect(slugOf(" – ")).toBe("");
    expect(slugOf("x".repeat(99))).toHaveLength(63);
  });
});

describe("whoever answers for a partner", () => {
  const partner = { id: `partner_${"0".repeat(26)}`, name: "Northgate", adminId: "admin_1", role: "OWNER" as const };
  const place = { id: "tenant_1", slug: "firm", name: "Firm", environment: "LIVE" as const, adminId: "admin_2", role: "SUPPORT" as const };

  it("has in its tenants the powers of that, and not those of a tenant's own", () => {
    expect(holderIn(place)).toBe("SUPPORT");
    expect(holderIn({ ...place, role: "OWNER", partner })).toBe("p.OWNER");
  });

  it("begins there, and is led back there", () => {
    expect(homeIn({ tenants: [place], partners: [partner] })).toBe(`/partner/${partner.id}/tenants`);
    expect(homeIn({ tenants: [place], partners: [] })).toBe("/t/firm/users");
    expect(homeIn({ tenants: [], partners: [] })).toBeUndefined();
    expect(safeReturn(`/partner/${partner.id}/template/locks`)).toBeDefined();
    for (const back of ["/partner/", "/partner/x", `/partner/${partner.id}evil`, "/partner//evil.example"]) expect(safeReturn(back), back).toBeUndefined();
  });
});
