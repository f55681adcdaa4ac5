/** What all addresses have in common: who is signed in, and where to go when nobody is any more. */

import { createRootRoute, Outlet, redirect, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { Fault } from "~/api/faults";
import { onSessionOver, queryClient } from "~/api/query-client";
import { sessionQuery } from "~/features/session/session";
import { Broken, Lost } from "~/shell/Edges";

function Root() {
  const navigate = useNavigate();
  useEffect(() => onSessionOver(() => {
    const { pathname, search } = window.location;
    if (!/^\/(account$|(t|partner)\/)/.test(pathname)) return;
    queryClient.clear();
    void navigate({ to: "/sign-in", search: { back: pathname + search, why: "expired" } });
  }), [navigate]);
  return <Outlet />;
}

export const root = createRootRoute({ component: Root, notFoundComponent: Lost, errorComponent: Broken });

/** The session; without one, to the sign-in, which leads back here. */
export async function entered(back?: string) {
  try {
    return await queryClient.ensureQueryData(sessionQuery);
  } catch (error) {
    if (error instanceof Fault && error.code === "UNAUTHENTICATED") throw redirect({ to: "/sign-in", search: back ? { back } : {} });
    throw error;
  }
}
