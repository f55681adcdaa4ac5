import { beforeEach, describe, expect, it, vi } from "vitest";
import { keepBack, returnedIn, takeBack } from "~/features/session/byCompany";
import { draftOf, inputOf } from "~/features/team/providerDraft";

describe("what the provider wrote into the address", () => {
  it("is taken by its names, and nothing else is", () => {
    expect(returnedIn("tenant_1", "?code=c%2B1&state=s&iss=https%3A%2F%2Fid.example&tenant=tenant_2&session_state=x")).toEqual({ tenant: "tenant_1", code: "c+1", state: "s", iss: "https://id.example" });
    expect(returnedIn("tenant_1", "?error=access_denied&state=s&error_description=Call%20555")).toEqual({ tenant: "tenant_1", error: "access_denied", state: "s" });
    expect(returnedIn("tenant_1", "")).toEqual({ tenant: "tenant_1" });
  });
});

describe("the page that is gone on with", () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
  });

  it("is kept for one return", () => {
    keepBack("/t/firm/users");
    expect(takeBack()).toBe("/t/firm/users");
    expect(takeBack()).toBeUndefined();
  });

  it("is never another site, whoever wrote it", () => {
    for (const evil of ["https://evil.example", "//evil.example", "/\\evil.example", "/t/firm\\..", "javascript:alert(1)", "/sign-in/company/x"]) {
      keepBack(evil);
      expect(takeBack(), evil).toBeUndefined();
      kept.set("postern.back", evil);
      expect(takeBack(), evil).toBeUndefined();
    }
  });

  it("is forgotten by a sign-in that has none", () => {
    keepBack("/t/firm/users");
    keepBack(undefined);
    expect(takeBack()).toBeUndefined();
  });
});

describe("the provider while it is typed", () => {
  it("keeps the secret that is there unless another is typed", () => {
    const draft = { ...draftOf(null), issuer: " https://id.example ", clientId: "c", domains: "a.example\n b.example, c.example" };
    expect(inputOf(draft)).toEqual({ issuer: "https://id.example", clientId: "c", clientSecret: null, domains: ["a.example", "b.example", "c.example"], secondFactor: "POSTERN", acrValues: [], passwordAllowed: true });
    expect(inputOf({ ...draft, clientSecret: " s " }).clientSecret).toBe(" s ");
  });

  it("names classes only where the provider's second factor counts", () => {
    const draft = { ...draftOf(null), acrValues: "gold silver" };
    expect(inputOf(draft).acrValues).toEqual([]);
    expect(inputOf({ ...draft, secondFactor: "IDENTITY_PROVIDER" }).acrValues).toEqual(["gold", "silver"]);
  });
});
