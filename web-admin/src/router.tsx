/** Every address of the console. To add a page: here, in `shell/places.ts`, and, for a new first word,
 * in services/edge-http/src/console. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, useNavigate, type RouteComponent } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Power } from "~/access/access";
import { Fault } from "~/api/faults";
import { onSessionOver, queryClient } from "~/api/query-client";
import { sessionQuery } from "~/features/session/session";
import { homeOf } from "~/shell/places";
import { Broken, Forbidden, Lost, NotFound, Opening } from "~/shell/Edges";
import { Shell } from "~/shell/Shell";
import { useMay } from "~/shell/tenant";
import * as search from "./search";

function Root() {
  const navigate = useNavigate();
  useEffect(() => onSessionOver(() => {
    const { pathname, search } = window.location;
    if (!pathname.startsWith("/t/")) return;
    queryClient.clear();
    void navigate({ to: "/sign-in", search: { back: pathname + search, why: "expired" } });
  }), [navigate]);
  return <Outlet />;
}

const root = createRootRoute({ component: Root, notFoundComponent: Lost, errorComponent: Broken });

/** The session; without one, to the sign-in, which leads back here. */
async function entered(back?: string) {
  try {
    return await queryClient.ensureQueryData(sessionQuery);
  } catch (error) {
    if (error instanceof Fault && error.code === "UNAUTHENTICATED") throw redirect({ to: "/sign-in", search: back ? { back } : {} });
    throw error;
  }
}

const start = createRoute({
  getParentRoute: () => root, path: "/",
  beforeLoad: async () => {
    const [first] = (await entered()).tenants;
    if (first) throw redirect({ to: homeOf(first.role) as "/t/$tenant/overview", params: { tenant: first.slug } });
  },
  component: Lost,
});

const signIn = createRoute({
  getParentRoute: () => root, path: "/sign-in", validateSearch: search.signIn,
  component: lazyRouteComponent(() => import("~/features/session/SignIn"), "SignIn"),
});

const invitation = createRoute({
  getParentRoute: () => root, path: "/invitation",
  component: lazyRouteComponent(() => import("~/features/session/Invitation"), "Invitation"),
});

const tenant = createRoute({
  getParentRoute: () => root, path: "/t/$tenant",
  beforeLoad: async ({ params, location }) => {
    const session = await entered(location.href);
    return { session, place: session.tenants.find((place) => place.slug === params.tenant) };
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
    if (context.place) throw redirect({ to: homeOf(context.place.role) as "/t/$tenant/overview", params });
  },
});

type Page<Name extends string> = () => Promise<Record<Name, () => React.ReactNode>>;

/** A page of its own file. Whoever lacks the power sees that, and the API is not asked. */
function page<Name extends string>(power: Power, name: Name, load: Page<Name>) {
  const Loaded = lazyRouteComponent(load, name) as RouteComponent;
  const Guarded: RouteComponent = () => (useMay()(power) ? <Loaded /> : <Forbidden />);
  if (Loaded.preload) Guarded.preload = Loaded.preload;
  return Guarded;
}

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

const routeTree = root.addChildren([
  start, signIn, invitation,
  tenant.addChildren([
    tenantStart, overview, logins, users, user, requests, onboarding, rollout, messages, billing, audit, team,
    policy.addChildren([policyStart, policyRollout, policyLevels, policyNetworks, policyDetails, policyReview, policyHistory]),
    integrate.addChildren([integrateStart, integrateKeys, integrateWebhooks, integrateSandbox, integrateSettings]),
  ]),
]);

export const router = createRouter({
  routeTree, defaultPreload: "intent", defaultPendingComponent: Opening, defaultPendingMs: 400, scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}
