/** The addresses before a tenant or partner is chosen, and that of one's own account, which is the same in all of them. */

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Lost } from "~/shell/Edges";
import { homeIn } from "~/shell/places";
import * as search from "../search";
import { entered, root } from "./root";

const start = createRoute({
  getParentRoute: () => root, path: "/",
  beforeLoad: async () => {
    throw redirect({ href: homeIn(await entered()) ?? "/nowhere" });
  },
  component: Lost,
});

const signIn = createRoute({
  getParentRoute: () => root, path: "/sign-in", validateSearch: search.signIn,
  component: lazyRouteComponent(() => import("~/features/session/SignIn"), "SignIn"),
});

const company = createRoute({
  getParentRoute: () => root, path: "/sign-in/company",
  component: lazyRouteComponent(() => import("~/features/session/Company"), "Company"),
});

const companyReturn = createRoute({
  getParentRoute: () => root, path: "/sign-in/company/$tenant",
  component: lazyRouteComponent(() => import("~/features/session/CompanyReturn"), "CompanyReturn"),
});

const invitation = createRoute({
  getParentRoute: () => root, path: "/invitation",
  component: lazyRouteComponent(() => import("~/features/session/Invitation"), "Invitation"),
});

const forgotten = createRoute({
  getParentRoute: () => root, path: "/forgotten",
  component: lazyRouteComponent(() => import("~/features/session/Forgotten"), "Forgotten"),
});

const recover = createRoute({
  getParentRoute: () => root, path: "/recover",
  component: lazyRouteComponent(() => import("~/features/session/Recover"), "Recover"),
});

const account = createRoute({
  getParentRoute: () => root, path: "/account",
  beforeLoad: () => entered("/account"),
  component: lazyRouteComponent(() => import("~/features/account/AccountPage"), "AccountPage"),
});

export const doors = [start, signIn, company, companyReturn, invitation, forgotten, recover, account] as const;
