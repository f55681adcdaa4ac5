/** The tenant in the page's address, and what the person may do there. */

import { createContext, useContext, type ReactNode } from "react";
import { may, type Power } from "~/access/access";
import type { Place } from "~/features/session/session";

const Here = createContext<Place | undefined>(undefined);

export function TenantProvider({ place, children }: { place: Place; children: ReactNode }) {
  return <Here value={place}>{children}</Here>;
}

export function usePlace(): Place {
  const place = useContext(Here);
  if (!place) throw new Error("a page of a tenant outside of one");
  return place;
}

export const useTenantId = () => usePlace().id;

/** Whether the person has a power here. */
export function useMay(): (power: Power) => boolean {
  const { role } = usePlace();
  return (power) => may(role, power);
}
