/** For whom the API is asked, the tenant or the partner in the page's address, and what the person may do there. */

import { createContext, useContext, useMemo, type ReactNode } from "react";
import { may, type Holder, type Power } from "~/access/access";

type Scope = { id: string; holder: Holder };

const Context = createContext<Scope | undefined>(undefined);

export function ScopeProvider({ id, holder, children }: Scope & { children: ReactNode }) {
  const scope = useMemo(() => ({ id, holder }), [id, holder]);
  return <Context value={scope}>{children}</Context>;
}

function useHere(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("a page of nobody");
  return scope;
}

/** The identifier of the tenant or partner. */
export const useScope = () => useHere().id;

/** Whether the person has a power here. */
export function useMay(): (power: Power) => boolean {
  const { holder } = useHere();
  return (power) => may(holder, power);
}
