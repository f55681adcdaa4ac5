/** What an integrator needs: keys, webhooks, a sandbox to try things in. */

import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePlace } from "~/shell/tenant";
import { Page } from "~/ui/Page";
import { Tabs } from "~/ui/Tabs";

export function IntegratePage() {
  const { t } = useTranslation();
  const { environment, slug } = usePlace();
  const tabs = [
    { to: "/t/$tenant/integrate", text: t("integrate.start"), exact: true },
    { to: "/t/$tenant/integrate/keys", text: t("integrate.keys") },
    { to: "/t/$tenant/integrate/webhooks", text: t("integrate.webhooks") },
    ...(environment === "SANDBOX" ? [{ to: "/t/$tenant/integrate/sandbox", text: t("integrate.sandbox") }] : []),
    { to: "/t/$tenant/integrate/settings", text: t("integrate.settings") },
  ];
  return (
    <Page title={t("integrate.title")} lead={t("integrate.lead")}>
      <Tabs label={t("integrate.title")} tabs={tabs} params={{ tenant: slug }} />
      <Outlet />
    </Page>
  );
}
