/** The addresses of a tenant; the power that each takes. */

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { holderIn, type Place, type Session } from "~/features/session/session";
import { Lost, NotFound } from "~/shell/Edges";
import { homeOf } from "~/shell/places";
import { Shell } from "~/shell/Shell";
import * as search from "../search";
import { page, type Page } from "./page";
import { entered, root } from "./root";

/** Where the person has a role, be it through a partner. */
async function placeIn(session: Session, slug: string): Promise<Place | undefined> {
  const own = session.tenants.find((place) => place.slug === slug);
  if (own || session.partners.length === 0) return own;
  const { placeThroughPartner } = await import("~/features/partner/enter");
  return placeThroughPartner(session, slug);
}

const tenant = createRoute({
  getParentRoute: () => root, path: "/t/$tenant",
  beforeLoad: async ({ params, location }) => {
    const session = await entered(location.href);
    return { session, place: await placeIn(session, params.tenant) };
  },
  notFoundComponent: NotFound,
  component: function Tenant() {
    const { session, place } = tenant.useRouteContext();
    return place ? <Shell key={place.id} session={session} place={place} /> : <Lost />;
  },
});

const tenantStart = createRoute({
  getParentRoute: () => tenant, path: "/",
  beforeLoad: ({ context, params }) => {
    if (context.place) throw redirect({ to: homeOf(holderIn(context.place)) as "/t/$tenant/overview", params });
  },
});

const overview = createRoute({
  getParentRoute: () => tenant, path: "/overview", validateSearch: search.overview,
  component: page("tenant.logins", "OverviewPage", () => import("~/features/overview/OverviewPage")),
});
const logins = createRoute({
  getParentRoute: () => tenant, path: "/logins", validateSearch: search.logins,
  component: page("tenant.logins", "LoginsPage", () => import("~/features/logins/LoginsPage")),
});
const users = createRoute({
  getParentRoute: () => tenant, path: "/users", validateSearch: search.users,
  component: page("tenant.users", "UsersPage", () => import("~/features/users/UsersPage")),
});
const user = createRoute({
  getParentRoute: () => tenant, path: "/users/$user", validateSearch: search.user,
  component: page("user", "UserPage", () => import("~/features/users/UserPage")),
});
const requests = createRoute({
  getParentRoute: () => tenant, path: "/requests", validateSearch: search.requests,
  component: page("tenant.temporaryAccessRequests", "RequestsPage", () => import("~/features/requests/RequestsPage")),
});
const policy = createRoute({
  getParentRoute: () => tenant, path: "/policy",
  component: page("tenant.policy", "PolicyPage", () => import("~/features/policy/PolicyPage")),
});
const policyStart = createRoute({
  getParentRoute: () => policy, path: "/",
  beforeLoad: ({ params }) => { throw redirect({ to: "/t/$tenant/policy/rollout", params, replace: true }); },
});
const policyTab = <Path extends string, Name extends string>(path: Path, name: Name, load: Page<Name>) =>
  createRoute({ getParentRoute: () => policy, path, component: lazyRouteComponent(load, name) });
const policyRollout = policyTab("/rollout", "RolloutTab", () => import("~/features/policy/RolloutTab"));
const policyLevels = policyTab("/levels", "LevelsTab", () => import("~/features/policy/LevelsTab"));
const policyNetworks = policyTab("/networks", "NetworksTab", () => import("~/features/policy/NetworksTab"));
const policyDetails = policyTab("/details", "DetailsTab", () => import("~/features/policy/DetailsTab"));
const policyReview = policyTab("/review", "ReviewTab", () => import("~/features/policy/ReviewTab"));
const policyHistory = createRoute({
  getParentRoute: () => policy, path: "/history", validateSearch: search.history,
  component: lazyRouteComponent(() => import("~/features/policy/HistoryTab"), "HistoryTab"),
});
const rollout = createRoute({
  getParentRoute: () => tenant, path: "/rollout", validateSearch: search.rollout,
  component: page("tenant.users", "RolloutPage", () => import("~/features/rollout/RolloutPage")),
});
const onboarding = createRoute({
  getParentRoute: () => tenant, path: "/onboarding", validateSearch: search.onboarding,
  component: page("tenant.imports", "OnboardingPage", () => import("~/features/onboarding/OnboardingPage")),
});
const messages = createRoute({
  getParentRoute: () => tenant, path: "/messages", validateSearch: search.messages,
  component: page("tenant.messages", "MessagesPage", () => import("~/features/messages/MessagesPage")),
});
const integrate = createRoute({
  getParentRoute: () => tenant, path: "/integrate",
  component: page("tenant.webhookEndpoints", "IntegratePage", () => import("~/features/integrate/IntegratePage")),
});
const integrateStart = createRoute({
  getParentRoute: () => integrate, path: "/",
  component: lazyRouteComponent(() => import("~/features/integrate/StartTab"), "StartTab"),
});
const integrateKeys = createRoute({
  getParentRoute: () => integrate, path: "/keys",
  component: lazyRouteComponent(() => import("~/features/integrate/KeysTab"), "KeysTab"),
});
const integrateWebhooks = createRoute({
  getParentRoute: () => integrate, path: "/webhooks", validateSearch: search.deliveries,
  component: lazyRouteComponent(() => import("~/features/integrate/WebhooksTab"), "WebhooksTab"),
});
const integrateSandbox = createRoute({
  getParentRoute: () => integrate, path: "/sandbox",
  component: lazyRouteComponent(() => import("~/features/integrate/SandboxTab"), "SandboxTab"),
});
const integrateSettings = createRoute({
  getParentRoute: () => integrate, path: "/settings",
  component: lazyRouteComponent(() => import("~/features/integrate/SettingsTab"), "SettingsTab"),
});
const billing = createRoute({
  getParentRoute: () => tenant, path: "/billing",
  component: page("tenant.billing", "BillingPage", () => import("~/features/billing/BillingPage")),
});
const audit = createRoute({
  getParentRoute: () => tenant, path: "/audit", validateSearch: search.audit,
  component: page("tenant.auditLog", "AuditPage", () => import("~/features/audit/AuditPage")),
});
const team = createRoute({
  getParentRoute: () => tenant, path: "/team",
  component: page("tenant.admins", "TeamPage", () => import("~/features/team/TeamPage")),
});

export const ofTenant = tenant.addChildren([
  tenantStart, overview, logins, users, user, requests, onboarding, rollout, messages, billing, audit, team,
  policy.addChildren([policyStart, policyRollout, policyLevels, policyNetworks, policyDetails, policyReview, policyHistory]),
  integrate.addChildren([integrateStart, integrateKeys, integrateWebhooks, integrateSandbox, integrateSettings]),
]);
