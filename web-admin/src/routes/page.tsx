import { lazyRouteComponent, type RouteComponent } from "@tanstack/react-router";
import type { Power } from "~/access/access";
import { Forbidden } from "~/shell/Edges";
import { useMay } from "~/shell/scope";

export type Page<Name extends string> = () => Promise<Record<Name, () => React.ReactNode>>;

/** A page of its own file. Whoever lacks the power sees that, and the API is not asked. */
export function page<Name extends string>(power: Power, name: Name, load: Page<Name>) {
  const Loaded = lazyRouteComponent(load, name) as RouteComponent;
  const Guarded: RouteComponent = () => (useMay()(power) ? <Loaded /> : <Forbidden />);
  if (Loaded.preload) Guarded.preload = Loaded.preload;
  return Guarded;
}
