/** Parts of a page, each with an address of its own. */

import { Link } from "@tanstack/react-router";
import classes from "./ui.module.css";

export type TabLink = { to: string; text: string; exact?: boolean };

export function Tabs({ label, tabs, tenant }: { label: string; tabs: readonly TabLink[]; tenant: string }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to as "/t/$tenant/integrate"} params={{ tenant }} className={classes.tab} activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}>{tab.text}</Link>
      ))}
    </nav>
  );
}
