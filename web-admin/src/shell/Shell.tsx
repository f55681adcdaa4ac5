/** The frame around a tenant's pages. */

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { holderIn, type Place, type Session } from "~/features/session/session";
import type { ShellQuery } from "~/gql/generated/shell";
import { ClockContext } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Attended, useSignOut } from "./Attended";
import { Frame } from "./Frame";
import { groupsFor } from "./places";
import { Rail } from "./Rail";
import classes from "./shell.module.css";
import { Switcher } from "./Switcher";
import { TenantProvider } from "./tenant";
import { useTenant } from "./waiting";

/** The way of the answer must not look like a clock that moves. */
const toTheMinute = (ms: number) => Math.round(ms / 60_000) * 60_000;

type Tenant = ShellQuery["tenant"];
type Props = { session: Session; place: Place };

export function Shell({ session, place }: Props) {
  return <TenantProvider place={place}><Attended><Tenant session={session} place={place} /></Attended></TenantProvider>;
}

function Tenant({ session, place }: Props) {
  const { tenant, isLost, waiting, watch } = useTenant();
  const signOut = useSignOut();
  const clock = useMemo(() => ({
    timeZone: tenant?.timeZone ?? "UTC",
    aheadMs: tenant && tenant.environment === "SANDBOX" ? toTheMinute(new Date(tenant.clock).getTime() - Date.now()) : 0,
    // Better the wall clock than a page that waits for ever.
    known: place.environment === "LIVE" || tenant !== undefined || isLost,
  }), [tenant, isLost, place]);
  return (
    <ClockContext value={clock}>
      <Frame name={place.name} waiting={waiting} notice={<Notices tenant={tenant} aheadMs={clock.aheadMs} />}
        rail={(onGo) => (
          <Rail groups={groupsFor(holderIn(place))} params={{ tenant: place.slug }} session={session} role={place.role} waiting={waiting} onSignOut={() => void signOut()} {...(onGo ? { onGo } : {})}
            switcher={<Switcher session={session} here={place} logo={tenant?.branding.logoPath} {...(onGo ? { onGo } : {})} />} />
        )} />
      {watch}
    </ClockContext>
  );
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
