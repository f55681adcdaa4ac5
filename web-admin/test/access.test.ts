import { describe, expect, it } from "vitest";
import { may, type Holder } from "~/access/access";
import { ROLES_OF } from "~/gql/generated/access";
import { groupsFor, homeOf } from "~/shell/places";

const icons = (role: Holder) => groupsFor(role).flatMap((group) => group.places.map((place) => place.icon));

describe("what a role sees", () => {
  it("is read from the authorization matrix", () => {
    expect(may("OWNER", "changeAdminRole")).toBe(true);
    expect(may("ADMIN", "changeAdminRole")).toBe(false);
    expect(may("SUPPORT", "approveTemporaryAccessRequest")).toBe(true);
    expect(may("BILLING", "tenant.users")).toBe(false);
    expect(Object.keys(ROLES_OF).length).toBeGreaterThan(40);
  });

  it("leaves an auditor nothing to change", () => {
    const changes = Object.entries(ROLES_OF).filter(([power, roles]) => /^[a-z]+[A-Z]/.test(power) && !/(Progress|Updated|Requested)$/.test(power) && (roles as readonly string[]).includes("AUDITOR"));
    expect(changes).toEqual([]);
  });

  it("names the pages of a role, and no others", () => {
    expect(icons("BILLING")).toEqual(["billing"]);
    expect(icons("ADVISOR")).toEqual(["overview", "login", "messages", "users", "bell", "policy", "rollout"]);
    expect(icons("ADMIN")).not.toContain("billing");
    expect(icons("OWNER")).toHaveLength(12);
  });

  it("begins where the role works", () => {
    expect(homeOf("SUPPORT")).toBe("/t/$tenant/users");
    expect(homeOf("BILLING")).toBe("/t/$tenant/billing");
    expect(homeOf("OWNER")).toBe("/t/$tenant/overview");
  });
});
