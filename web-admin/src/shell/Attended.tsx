/** Whoever is signed in: whether they are at the page, how they leave, and what they hear meanwhile. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, type ReactNode } from "react";
import { auth } from "~/api/client";
import { LiveProvider } from "~/api/live/hooks";
import { AttendedContext, usePresence } from "./presence";

export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async (why?: "idle") => {
    await auth("sign-out", {}).catch(() => undefined);
    const back = window.location.pathname + window.location.search;
    await navigate({ to: "/sign-in", search: why ? { why, back } : {} });
    client.clear();
  }, [client, navigate]);
}

export function Attended({ children }: { children: ReactNode }) {
  const signOut = useSignOut();
  const presence = usePresence(useCallback(() => void signOut("idle"), [signOut]));
  return <AttendedContext value={presence === "watched"}><LiveProvider>{children}</LiveProvider></AttendedContext>;
}
