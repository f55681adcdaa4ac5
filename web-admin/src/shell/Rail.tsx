/** The left rail: where one is, where one can go, who one is. */

import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "~/features/session/session";
import type { AdminRole } from "~/gql/generated/schema";
import { Icon } from "~/ui/Icon";
import { Mark } from "~/ui/Mark";
import type { Going, Group } from "./places";
import classes from "./shell.module.css";

type Props = {
  groups: readonly Group[];
  /** What stands for `$tenant` or `$partner` in their addresses. */
  params: Record<string, string>;
  switcher: ReactNode;
  session: Session;
  role: AdminRole;
  waiting?: number;
  onGo?: () => void;
  onSignOut: () => void;
};

export function Rail({ groups, params, switcher, session, role, waiting = 0, onGo, onSignOut }: Props) {
  const { t } = useTranslation();
  const entry = (going: Going) => (
    <li key={going.to}>
      <Link to={going.to as "/t/$tenant/overview"} params={params as { tenant: string }} className={classes.item} {...(onGo ? { onClick: onGo } : {})}>
        <Icon name={going.icon} />
        {t(going.text as "nav.overview")}
        {going.icon === "bell" && waiting > 0 && <span className={classes.count} aria-label={t("nav.waiting", { count: waiting })}>{waiting}</span>}
      </Link>
    </li>
  );
  return (
    <>
      <div className={classes.brand}><Mark /> {t("brand.name")}</div>
      {switcher}
      <nav aria-label={t("nav.label")}>
        {groups.map((group) => (
          <div key={group.text} role="group" aria-labelledby={`nav-${group.text}`}>
            <div className={classes.group} id={`nav-${group.text}`}>{t(`nav.group.${group.text}`)}</div>
            <ul className={classes.nav}>{group.places.map(entry)}</ul>
          </div>
        ))}
      </nav>
      <Foot session={session} role={role} onSignOut={onSignOut} />
    </>
  );
}

function Foot({ session, role, onSignOut }: Pick<Props, "session" | "role" | "onSignOut">) {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  return (
    <div className={classes.foot}>
      <Link to="/account" className={classes.who} aria-label={t("account.open", { name: session.displayName ?? session.email })}>{session.displayName ?? session.email}<small>{t(`role.${role}`)}</small></Link>
      <button type="button" className={classes.icon} onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")} aria-label={t(scheme === "dark" ? "nav.light" : "nav.dark")}>
        <Icon name={scheme === "dark" ? "sun" : "moon"} />
      </button>
      <a className={classes.icon} href="/docs" aria-label={t("nav.documents")}><Icon name="book" /></a>
      <button type="button" className={classes.icon} onClick={onSignOut} aria-label={t("nav.signOut")}><Icon name="out" /></button>
    </div>
  );
}
