/** The addresses before a tenant or partner is chosen. */

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

const invitation = createRoute({
  getParentRoute: () => root, path: "/invitation",
  component: lazyRouteComponent(() => import("~/features/session/Invitation"), "Invitation"),
});

export const doors = [start, signIn, invitation] as const;
