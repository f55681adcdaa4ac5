/** The tenant in the page's address. */

import { createContext, useContext, type ReactNode } from "react";
import { holderIn, type Place } from "~/features/session/session";
import { ScopeProvider } from "./scope";

const Here = createContext<Place | undefined>(undefined);

export function TenantProvider({ place, children }: { place: Place; children: ReactNode }) {
  return <Here value={place}><ScopeProvider id={place.id} holder={holderIn(place)}>{children}</ScopeProvider></Here>;
}

export function usePlace(): Place {
  const place = useContext(Here);
  if (!place) throw new Error("a page of a tenant outside of one");
  return place;
}
