/** Parts of a page, each with an address of its own. */

import { Link, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import classes from "./ui.module.css";

export type TabLink = { to: string; text: string; exact?: boolean };

/** `params`: what stands for `$tenant` or `$partner` in their addresses. */
export function Tabs({ label, tabs, params }: { label: string; tabs: readonly TabLink[]; params: Record<string, string> }) {
  const row = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // On a phone the tab that one is on may lie beyond the edge.
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (row.current && here) row.current.scrollLeft = here.offsetLeft - (row.current.clientWidth - here.offsetWidth) / 2;
  }, [path]);
  return (
    <nav className={classes.tabs} aria-label={label} ref={row}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to as "/t/$tenant/integrate"} params={params as { tenant: string }} className={classes.tab} activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}>{tab.text}</Link>
      ))}
    </nav>
  );
}
