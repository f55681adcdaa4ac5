/** The partner in the page's address. */

import { createContext, useContext, type ReactNode } from "react";
import type { Partnership } from "~/features/session/session";
import { ScopeProvider } from "~/shell/scope";

const Here = createContext<Partnership | undefined>(undefined);

export function PartnerProvider({ partner, children }: { partner: Partnership; children: ReactNode }) {
  return <Here value={partner}><ScopeProvider id={partner.id} holder={`p.${partner.role}`}>{children}</ScopeProvider></Here>;
}

export function usePartner(): Partnership {
  const partner = useContext(Here);
  if (!partner) throw new Error("a page of a partner outside of one");
  return partner;
}
