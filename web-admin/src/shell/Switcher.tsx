/** Where one is, and what else one may go to: tenants in which one has a role, and partners that one answers for. */

import { Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { holderIn, type Partnership, type Place, type Session } from "~/features/session/session";
import { Icon } from "~/ui/Icon";
import { homeOf, homeOfPartner } from "./places";
import classes from "./shell.module.css";

type Props = { session: Session; here: Place | Partnership; logo?: string | null | undefined; onGo?: () => void };

const isTenant = (here: Place | Partnership): here is Place => "slug" in here;

function useAbout() {
  const { t } = useTranslation();
  return (place: Place | Partnership) => `${isTenant(place) ? t(`environment.${place.environment}`) : t("partner.one")} · ${t(`role.${place.role}`)}`;
}

export function Switcher({ session, here, logo, onGo }: Props) {
  const { t } = useTranslation();
  const about = useAbout();
  const navigate = useNavigate();
  const go = (other: Place | Partnership) => {
    onGo?.();
    if (isTenant(other)) void navigate({ to: homeOf(holderIn(other)) as "/t/$tenant/overview", params: { tenant: other.slug } });
    else void navigate({ to: homeOfPartner(), params: { partner: other.id } });
  };
  const entry = (other: Place | Partnership) => (
    <Menu.Item key={other.id} onClick={() => go(other)} leftSection={<Icon name={other.id === here.id ? "check" : isTenant(other) ? "building" : "team"} />}>
      {other.name}
      <div className={classes.about}>{about(other)}</div>
    </Menu.Item>
  );
  return (
    <Menu width={260} position="bottom-start" shadow="md">
      <Menu.Target>
        <button type="button" className={classes.place} aria-label={t(isTenant(here) ? "nav.switch" : "nav.switch.partner", { name: here.name })}>
          <span>{logo && <img className={classes.logo} src={logo} alt="" />}{here.name}<small>{about(here)}</small></span>
          <Icon name="down" size={16} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.partners.length > 0 && <><Menu.Label>{t("nav.partners")}</Menu.Label>{session.partners.map(entry)}</>}
        {session.tenants.length > 0 && <><Menu.Label>{t("nav.tenants")}</Menu.Label>{session.tenants.map(entry)}</>}
      </Menu.Dropdown>
    </Menu>
  );
}
