/** The left rail: where one is, where one can go, who one is. */

import { Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Place, Session } from "~/features/session/session";
import { Icon } from "~/ui/Icon";
import { Mark } from "~/ui/Mark";
import { groupsFor, homeOf } from "./places";
import classes from "./shell.module.css";

type Props = { session: Session; place: Place; waiting: number; onGo?: () => void; onSignOut: () => void };

export function Rail({ session, place, waiting, onGo, onSignOut }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <div className={classes.brand}><Mark /> {t("brand.name")}</div>
      <Switcher session={session} place={place} {...(onGo ? { onGo } : {})} />
      <nav aria-label={t("nav.label")}>
        {groupsFor(place.role).map((group) => (
          <div key={group.text} role="group" aria-labelledby={`nav-${group.text}`}>
            <div className={classes.group} id={`nav-${group.text}`}>{t(`nav.group.${group.text}`)}</div>
            <ul className={classes.nav} style={{ marginTop: 0 }}>
              {group.places.map((going) => (
                <li key={going.to}>
                  <Link to={going.to as "/t/$tenant/overview"} params={{ tenant: place.slug }} className={classes.item} {...(onGo ? { onClick: onGo } : {})}>
                    <Icon name={going.icon} />
                    {t(going.text as "nav.overview")}
                    {going.icon === "bell" && waiting > 0 && <span className={classes.count} aria-label={t("nav.waiting", { count: waiting })}>{waiting}</span>}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Foot session={session} place={place} onSignOut={onSignOut} />
    </>
  );
}

function Switcher({ session, place, onGo }: { session: Session; place: Place; onGo?: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const go = (other: Place) => {
    onGo?.();
    void navigate({ to: homeOf(other.role) as "/t/$tenant/overview", params: { tenant: other.slug } });
  };
  return (
    <Menu width={260} position="bottom-start" shadow="md">
      <Menu.Target>
        <button type="button" className={classes.place} aria-label={t("nav.switch", { name: place.name })}>
          <span>{place.name}<small>{t(`environment.${place.environment}`)} · {t(`role.${place.role}`)}</small></span>
          <Icon name="down" size={16} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("nav.tenants")}</Menu.Label>
        {session.tenants.map((other) => (
          <Menu.Item key={other.id} onClick={() => go(other)} leftSection={<Icon name={other.id === place.id ? "check" : "building"} />}>
            {other.name}
            <div style={{ fontSize: "0.78rem", color: "var(--mantine-color-dimmed)" }}>{t(`environment.${other.environment}`)} · {t(`role.${other.role}`)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Foot({ session, place, onSignOut }: { session: Session; place: Place; onSignOut: () => void }) {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  return (
    <div className={classes.foot}>
      <div className={classes.who}>{session.displayName ?? session.email}<small>{t(`role.${place.role}`)}</small></div>
      <button type="button" className={classes.icon} onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")} aria-label={t(scheme === "dark" ? "nav.light" : "nav.dark")}>
        <Icon name={scheme === "dark" ? "sun" : "moon"} />
      </button>
      <button type="button" className={classes.icon} onClick={onSignOut} aria-label={t("nav.signOut")}><Icon name="out" /></button>
    </div>
  );
}
