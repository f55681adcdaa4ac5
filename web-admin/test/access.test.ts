import { describe, expect, it } from "vitest";
import { may, type Holder } from "~/access/access";
import { ROLES_OF } from "~/gql/generated/access";
import { groupsFor, homeOf, partnerGroupsFor } from "~/shell/places";

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

  it("of a partner is another one, for itself and in its tenants", () => {
    expect(["OWNER", "ADMIN", "SUPPORT", "BILLING", "AUDITOR", "ADVISOR"].filter((role) => may(`p.${role}` as Holder, "createTenant"))).toEqual(["OWNER", "ADMIN"]);
    expect(may("OWNER", "createTenant")).toBe(false);
    expect(may("p.OWNER", "changeAdminRole")).toBe(false);
    expect(may("p.SUPPORT", "issueTemporaryAccessCode")).toBe(true);
    expect(may("p.AUDITOR", "partner")).toBe(true);
    expect(may("p.AUDITOR", "realignTenants")).toBe(false);
    expect(partnerGroupsFor("p.ADVISOR")).toEqual([]);
    expect(partnerGroupsFor("p.OWNER").flatMap((group) => group.places)).toHaveLength(4);
  });

  it("begins where the role works", () => {
    expect(homeOf("SUPPORT")).toBe("/t/$tenant/users");
    expect(homeOf("BILLING")).toBe("/t/$tenant/billing");
    expect(homeOf("p.SUPPORT")).toBe("/t/$tenant/users");
    expect(homeOf("OWNER")).toBe("/t/$tenant/overview");
  });
});
