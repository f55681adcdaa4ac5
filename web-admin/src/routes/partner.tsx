/** The addresses of a partner. */

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { lazy } from "react";
import { Lost, NotFound } from "~/shell/Edges";
import { homeOfPartner } from "~/shell/places";
import * as search from "../search";
import { page, type Page } from "./page";
import { entered, root } from "./root";

/** Few people answer for a partner: the others do not load its frame. */
const PartnerShell = lazy(() => import("~/features/partner/PartnerShell").then((module) => ({ default: module.PartnerShell })));

const partner = createRoute({
  getParentRoute: () => root, path: "/partner/$partner",
  beforeLoad: async ({ params, location }) => {
    const session = await entered(location.href);
    return { session, partnership: session.partners.find((one) => one.id === params.partner) };
  },
  notFoundComponent: NotFound,
  component: function Partner() {
    const { session, partnership } = partner.useRouteContext();
    return partnership ? <PartnerShell key={partnership.id} session={session} partner={partnership} /> : <Lost />;
  },
});
const partnerStart = createRoute({
  getParentRoute: () => partner, path: "/",
  beforeLoad: ({ params }) => { throw redirect({ to: homeOfPartner(), params, replace: true }); },
});

const tenants = createRoute({
  getParentRoute: () => partner, path: "/tenants", validateSearch: search.tenants,
  component: page("partner", "TenantsPage", () => import("~/features/partner/TenantsPage")),
});
const tenantImports = createRoute({
  getParentRoute: () => partner, path: "/imports", validateSearch: search.onboarding,
  component: page("partner", "ImportsPage", () => import("~/features/partner/ImportsPage")),
});
const people = createRoute({
  getParentRoute: () => partner, path: "/people",
  component: page("partner", "PeoplePage", () => import("~/features/partner/PeoplePage")),
});
const template = createRoute({
  getParentRoute: () => partner, path: "/template",
  component: page("partner", "TemplatePage", () => import("~/features/partner/template/TemplatePage")),
});
const templateStart = createRoute({
  getParentRoute: () => template, path: "/",
  beforeLoad: ({ params }) => { throw redirect({ to: "/partner/$partner/template/rollout", params, replace: true }); },
});
const templateTab = <Path extends string, Name extends string>(path: Path, name: Name, load: Page<Name>) =>
  createRoute({ getParentRoute: () => template, path, component: lazyRouteComponent(load, name) });
const templateRollout = templateTab("/rollout", "RolloutTab", () => import("~/features/policy/RolloutTab"));
const templateLevels = templateTab("/levels", "LevelsTab", () => import("~/features/policy/LevelsTab"));
const templateNetworks = templateTab("/networks", "NetworksTab", () => import("~/features/policy/NetworksTab"));
const templateDetails = templateTab("/details", "DetailsTab", () => import("~/features/policy/DetailsTab"));
const templateLocks = templateTab("/locks", "LocksTab", () => import("~/features/partner/template/LocksTab"));
const templateReview = templateTab("/review", "ReviewTab", () => import("~/features/partner/template/ReviewTab"));
const templateTenants = createRoute({
  getParentRoute: () => template, path: "/tenants", validateSearch: search.drift,
  component: lazyRouteComponent(() => import("~/features/partner/template/TenantsTab"), "TenantsTab"),
});

export const ofPartner = partner.addChildren([
  partnerStart, tenants, tenantImports, people,
  template.addChildren([templateStart, templateRollout, templateLevels, templateNetworks, templateDetails, templateLocks, templateReview, templateTenants]),
]);
