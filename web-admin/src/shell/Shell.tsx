/** The frame around a tenant's pages. */

import { Drawer, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { may } from "~/access/access";
import { auth } from "~/api/client";
import { useAsk } from "~/api/hooks";
import type { Place, Session } from "~/features/session/session";
import { ShellDocument, type ShellQuery } from "~/gql/generated/shell";
import { ClockContext } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Mark } from "~/ui/Mark";
import { usePresence } from "./presence";
import { Rail } from "./Rail";
import classes from "./shell.module.css";
import { TenantProvider } from "./tenant";

/** How often the help desk looks for somebody who waits. */
const LOOK_MS = 8_000;

/** The way of the answer must not look like a clock that moves. */
const toTheMinute = (ms: number) => Math.round(ms / 60_000) * 60_000;

type Tenant = ShellQuery["tenant"];

export function Shell({ session, place }: { session: Session; place: Place }) {
  return <TenantProvider place={place}><Frame session={session} place={place} /></TenantProvider>;
}

function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async (why?: "idle") => {
    await auth("sign-out", {}).catch(() => undefined);
    const back = window.location.pathname + window.location.search;
    await navigate({ to: "/sign-in", search: why ? { why, back } : {} });
    client.clear();
  }, [client, navigate]);
}

/** Tells of requests that were not there a moment ago. */
function useArrivals(tenant: Tenant | undefined) {
  const { t } = useTranslation();
  const known = useRef<Set<string> | undefined>(undefined);
  useEffect(() => {
    const waiting = tenant?.temporaryAccessRequests?.edges.map((edge) => edge.node);
    if (!waiting) return;
    const fresh = waiting.filter((request) => known.current && !known.current.has(request.id));
    known.current = new Set(waiting.map((request) => request.id));
    for (const { id, user } of fresh) {
      notifications.show({ id, color: "brass", icon: <Icon name="bell" />, autoClose: 15_000, message: t("requests.arrived", { name: user.displayName ?? user.externalId }) });
    }
  }, [tenant, t]);
}

function Frame({ session, place }: { session: Session; place: Place }) {
  const { t } = useTranslation();
  const [open, drawer] = useDisclosure(false);
  const signOut = useSignOut();
  const presence = usePresence(useCallback(() => void signOut("idle"), [signOut]));
  const helps = may(place.role, "tenant.temporaryAccessRequests");
  const shell = useAsk(ShellDocument, { requests: helps }, { every: helps && presence === "watched" ? LOOK_MS : false });
  const tenant = shell.data?.tenant;
  useArrivals(tenant);
  const clock = useMemo(() => ({
    timeZone: tenant?.timeZone ?? "UTC",
    aheadMs: tenant && tenant.environment === "SANDBOX" ? toTheMinute(new Date(tenant.clock).getTime() - Date.now()) : 0,
    known: place.environment === "LIVE" || tenant !== undefined,
  }), [tenant, place]);
  const waiting = tenant?.temporaryAccessRequests?.edges.length ?? 0;
  const rail = { session, place, waiting, onSignOut: () => void signOut() };
  return (
    <ClockContext value={clock}>
      <a className={classes.skip} href="#main">{t("nav.skip")}</a>
      <div className={classes.frame}>
        <aside className={classes.rail} aria-label={t("brand.name")}><Rail {...rail} /></aside>
        <div>
          <nav className={classes.top} aria-label={t("nav.top")}>
            <button type="button" className={classes.icon} onClick={drawer.open} aria-label={t("nav.open")} aria-expanded={open}><Icon name="menu" size={22} /></button>
            <Mark size={24} /><strong>{place.name}</strong>
            {waiting > 0 && <span className={classes.count}>{waiting}</span>}
          </nav>
          <Drawer opened={open} onClose={drawer.close} size="17rem" withCloseButton={false} padding={0} title={<VisuallyHidden>{t("nav.label")}</VisuallyHidden>} styles={{ header: { position: "absolute", minHeight: 0, padding: 0 } }}>
            <div className={classes.rail}><Rail {...rail} onGo={drawer.close} /></div>
          </Drawer>
          <Notices tenant={tenant} aheadMs={clock.aheadMs} />
          <Main />
        </div>
      </div>
    </ClockContext>
  );
}

/** After going to another page, the keyboard begins at its top. */
function Main() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && !document.activeElement?.closest("main")) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  return <main id="main" ref={main} tabIndex={-1} className={classes.main}><Outlet /></main>;
}

function Notices({ tenant, aheadMs }: { tenant: Tenant | undefined; aheadMs: number }) {
  const { t } = useTranslation();
  if (tenant?.status === "SUSPENDED") {
    return <div className={classes.notice} data-tone="bad" role="status"><Icon name="warn" />{t("notice.suspended")}</div>;
  }
  const days = Math.floor(aheadMs / 86_400_000);
  if (days < 1) return null;
  return <div className={classes.notice} role="status"><Icon name="clock" />{t("notice.ahead", { count: days })}</div>;
}
