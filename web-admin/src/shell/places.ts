/** What there is to go to, and the power it takes. To add a page: here, and in the router. */

import { may, type Holder, type Power } from "~/access/access";
import { holderIn, type Session } from "~/features/session/session";
import type { IconName } from "~/ui/Icon";

export type Going = { to: string; text: string; icon: IconName; power: Power };
export type Group = { text: "watch" | "help" | "decide" | "run" | "partner"; places: readonly Going[] };

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

function allowed(groups: readonly Group[], holder: Holder): Group[] {
  return groups.map((group) => ({ ...group, places: group.places.filter((place) => may(holder, place.power)) }))
    .filter((group) => group.places.length > 0);
}

export const groupsFor = (holder: Holder) => allowed(GROUPS, holder);

/** What there is to go to of a partner. */
export const PARTNER_GROUPS: readonly Group[] = [
  { text: "partner", places: [
    { to: "/partner/$partner/tenants", text: "nav.partner.tenants", icon: "building", power: "partner" },
    { to: "/partner/$partner/template", text: "nav.partner.template", icon: "policy", power: "partner" },
    { to: "/partner/$partner/imports", text: "nav.partner.imports", icon: "device", power: "partner" },
    { to: "/partner/$partner/people", text: "nav.partner.people", icon: "team", power: "partner" },
  ] },
];

export const partnerGroupsFor = (holder: Holder) => allowed(PARTNER_GROUPS, holder);

export const homeOfPartner = () => "/partner/$partner/tenants" as const;

/** Where a person with this role begins. */
export function homeOf(holder: Holder): string {
  if (/SUPPORT|ADVISOR/.test(holder)) return "/t/$tenant/users";
  return groupsFor(holder)[0]?.places[0]?.to ?? "/t/$tenant/overview";
}

/** Where a session begins: in its first tenant, or with its partner; nowhere where it has neither. */
export function homeIn({ tenants: [tenant], partners: [partner] }: Pick<Session, "tenants" | "partners">): string | undefined {
  if (partner) return homeOfPartner().replace("$partner", partner.id);
  return tenant && homeOf(holderIn(tenant)).replace("$tenant", tenant.slug);
}
