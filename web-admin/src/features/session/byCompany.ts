/** What the routes of signing in by a company's identity provider answer, and what is kept meanwhile. */

import { auth } from "~/api/client";
import { safeReturn } from "./session";
import type { Method } from "./steps";

type SentOff = { next: "company"; goTo: string };

export type CompanyAnswer = { next: "second_factor"; methods: Method[] } | { next: "signed_in" } | { next: "tested"; email: string; secondFactor: boolean };

/** Somebody names their company. */
export const beginCompany = (company: string) => auth<SentOff>("company", { company });

/** An OWNER tries the provider. */
export const testProvider = (tenant: string) => auth<SentOff>("company/test", { tenant });

export type Returned = { tenant: string; state?: string; code?: string; iss?: string; error?: string };

export const finishCompany = (returned: Returned) => auth<CompanyAnswer>("company/finish", returned);

/** Whoever has roles in several places says who may sign them in. */
export const acceptCompany = (choice: { tenant: string; accepted: boolean }) => auth<{ accepted: boolean }>("company/accept", choice);

/** What the provider wrote behind the `?`; of anything else, nothing. */
export function returnedIn(tenant: string, search: string): Returned {
  const given = new URLSearchParams(search);
  const pairs = ["state", "code", "iss", "error"].flatMap((name) => { const value = given.get(name); return value ? [[name, value] as const] : []; });
  return { tenant, ...Object.fromEntries(pairs) };
}

const BACK = "postern.back";

/** The page that is gone on with after the way to the provider and back, in this tab. */
export function keepBack(back: string | undefined): void {
  const safe = safeReturn(back);
  if (safe) sessionStorage.setItem(BACK, safe); else sessionStorage.removeItem(BACK);
}

/** The same once; judged again, since it was out of our hands. */
export function takeBack(): string | undefined {
  const back = sessionStorage.getItem(BACK) ?? undefined;
  sessionStorage.removeItem(BACK);
  return safeReturn(back);
}
