/** What there is to go to, and the power it takes. To add a page: here, and in the router. */

import type { Power } from "~/access/access";
import { may } from "~/access/access";
import type { AdminRole } from "~/gql/generated/schema";
import type { IconName } from "~/ui/Icon";

export type Going = { to: string; text: string; icon: IconName; power: Power };
export type Group = { text: "watch" | "help" | "decide" | "run"; places: readonly Going[] };

export const GROUPS: readonly Group[] = [
  { text: "watch", places: [
    { to: "/t/$tenant/overview", text: "nav.overview", icon: "overview", power: "tenant.logins" },
    { to: "/t/$tenant/logins", text: "nav.logins", icon: "login", power: "tenant.logins" },
    { to: "/t/$tenant/messages", text: "nav.messages", icon: "messages", power: "tenant.messages" },
  ] },
  { text: "help", places: [
    { to: "/t/$tenant/users", text: "nav.users", icon: "users", power: "tenant.users" },
    { to: "/t/$tenant/requests", text: "nav.requests", icon: "bell", power: "tenant.temporaryAccessRequests" },
  ] },
  { text: "decide", places: [
    { to: "/t/$tenant/policy", text: "nav.policy", icon: "policy", power: "tenant.policy" },
    { to: "/t/$tenant/onboarding", text: "nav.onboarding", icon: "device", power: "tenant.imports" },
    { to: "/t/$tenant/rollout", text: "nav.rollout", icon: "rollout", power: "tenant.users" },
  ] },
  { text: "run", places: [
    { to: "/t/$tenant/integrate", text: "nav.integrate", icon: "integrate", power: "tenant.webhookEndpoints" },
    { to: "/t/$tenant/billing", text: "nav.billing", icon: "billing", power: "tenant.billing" },
    { to: "/t/$tenant/team", text: "nav.team", icon: "team", power: "tenant.admins" },
    { to: "/t/$tenant/audit", text: "nav.audit", icon: "audit", power: "tenant.auditLog" },
  ] },
];

export function groupsFor(role: AdminRole): Group[] {
  return GROUPS.map((group) => ({ ...group, places: group.places.filter((place) => may(role, place.power)) }))
    .filter((group) => group.places.length > 0);
}

/** Where a person with this role begins. */
export function homeOf(role: AdminRole): string {
  if (role === "SUPPORT" || role === "ADVISOR") return "/t/$tenant/users";
  return groupsFor(role)[0]?.places[0]?.to ?? "/t/$tenant/overview";
}
