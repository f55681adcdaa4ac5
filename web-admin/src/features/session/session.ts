/** Who is signed in. */

import { queryOptions } from "@tanstack/react-query";
import type { Holder } from "~/access/access";
import { auth } from "~/api/client";
import type { AdminRole, Environment } from "~/gql/generated/schema";

/** A tenant in which the person has a role; `partner`: through the firm that owns it. */
export type Place = { id: string; slug: string; name: string; environment: Environment; adminId: string; role: AdminRole; partner?: Partnership };

/** As the authorization matrix names it. */
export const holderIn = ({ role, partner }: Pick<Place, "role" | "partner">): Holder => (partner ? `p.${role}` : role);

/** A partner for which the person answers. In its tenants the role is the same. */
export type Partnership = { id: string; name: string; adminId: string; role: AdminRole };

export type Session = {
  email: string; displayName: string | null; tenants: Place[]; partners: Partnership[]; expiresAt: string; ipAddress: string | null;
  /** The tenant whose identity provider opened it, where it acts there alone. */
  only?: string | null;
};

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session> => ({ partners: [], ...await auth<Omit<Session, "partners"> & Partial<Pick<Session, "partners">>>("session") }),
  staleTime: 60_000,
  retry: false,
});

/** Where a sign-in may lead back to: a page of a tenant or partner, and nothing of another site. */
export function safeReturn(back: string | undefined): string | undefined {
  return back && /^\/(account$|t\/[a-z0-9-]{3,63}|partner\/partner_[0-9a-z]{26})(\/|$|\?)/.test(back) && !back.includes("\\") ? back : undefined;
}
