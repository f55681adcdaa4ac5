/** What each role is for. */

import { useTranslation } from "react-i18next";
import { Facts } from "~/ui/bits";
import { Panel } from "~/ui/Page";
import { ROLES } from "./roles";

export function RoleTable() {
  const { t } = useTranslation();
  return <div style={{ marginTop: "1rem" }}><Panel title={t("team.roles")}><Facts of={ROLES.map((role) => [t(`role.${role}`), t(`roleText.${role}`)] as const)} /></Panel></div>;
}
