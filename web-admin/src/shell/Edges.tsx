/** Where there is nothing, nothing yet, or nothing for this person. */

import { Button, Center, Loader } from "@mantine/core";
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, NoPermission, Trouble } from "~/ui/Loaded";
import { Page } from "~/ui/Page";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("edge.notFound.title")}>
      <Empty icon="search" title={t("edge.notFound.what")}>
        <p>{t("edge.notFound.text")}</p>
        <Button component={Link} to="/" mt="md" variant="default">{t("edge.home")}</Button>
      </Empty>
    </Page>
  );
}

export function Opening() {
  const { t } = useTranslation();
  return <Center mih="50dvh" role="status" aria-label={t("state.loading")}><Loader aria-hidden /></Center>;
}

/** The same outside of every tenant. */
export function Lost() {
  return <main><NotFound /></main>;
}

export function Forbidden() {
  const { t } = useTranslation();
  return <Page title={t("state.forbidden.page")}><NoPermission /></Page>;
}

export function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return <Page title={t("edge.broken")}><Trouble error={error instanceof Error ? error : new Error()} again={reset} /></Page>;
}
