/** Parts of a page, each with an address of its own. */

import { Link } from "@tanstack/react-router";
import classes from "./ui.module.css";

export type TabLink = { to: string; text: string; exact?: boolean };

/** `params`: what stands for `$tenant` or `$partner` in their addresses. */
export function Tabs({ label, tabs, params }: { label: string; tabs: readonly TabLink[]; params: Record<string, string> }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to as "/t/$tenant/integrate"} params={params as { tenant: string }} className={classes.tab} activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}>{tab.text}</Link>
      ))}
    </nav>
  );
}
