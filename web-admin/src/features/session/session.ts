/** Who is signed in. */

import { queryOptions } from "@tanstack/react-query";
import { auth } from "~/api/client";
import type { AdminRole, Environment } from "~/gql/generated/schema";

/** A tenant in which the person has a role. */
export type Place = { id: string; slug: string; name: string; environment: Environment; adminId: string; role: AdminRole };

export type Session = { email: string; displayName: string | null; tenants: Place[]; expiresAt: string; ipAddress: string | null };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => auth<Session>("session"),
  staleTime: 60_000,
  retry: false,
});

/** Where a sign-in may lead back to: a page of a tenant, and nothing of another site. */
export function safeReturn(back: string | undefined): string | undefined {
  return back && /^\/t\/[a-z0-9-]{3,63}(\/|$|\?)/.test(back) && !back.includes("\\") ? back : undefined;
}
