/** What a partner's new tenants start from, and what none of them can change. */

import { Alert, Button, Group, Text } from "@mantine/core";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { useEditing } from "~/features/policy/draft";
import classes from "~/features/policy/policy.module.css";
import { TemplateDocument } from "~/gql/generated/partner";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Page } from "~/ui/Page";
import { Tabs } from "~/ui/Tabs";
import { usePartner } from "../partner";
import { lockChanges } from "./locks";
import { TemplateProvider, useLocks } from "./template";

const PARTS = ["rollout", "levels", "networks", "details", "locks", "review", "tenants"] as const;

export function TemplatePage() {
  const { t } = useTranslation();
  const { id } = usePartner();
  const asked = useAsk(TemplateDocument, {});
  return (
    <Page title={t("template.title")} lead={t("template.lead")}>
      <Tabs label={t("template.title")} params={{ partner: id }} tabs={PARTS.map((part) => ({ to: `/partner/$partner/template/${part}`, text: t(`template.tab.${part}`) }))} />
      <Loaded asked={asked}>
        {({ partner }) => partner && (
          <TemplateProvider published={partner.templatePolicy}>
            <Standing />
            <Outlet />
            <DraftBar />
          </TemplateProvider>
        )}
      </Loaded>
    </Page>
  );
}

function Standing() {
  const { t } = useTranslation();
  const { current, editable, overtaken } = useEditing();
  const { before, differ } = useLocks();
  const first = current.version === 0;
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {first ? t("template.first") : t("template.standing", { version: current.version, count: before.length })}
        {!first && <> · <Link from="/partner/$partner" to="/partner/$partner/template/tenants">{t("template.differ", { count: differ })}</Link></>}
        {!editable && <> · {t("template.readOnly")}</>}
      </Text>
      {overtaken && <Alert color="brass" mb="md" icon={<Icon name="warn" />}>{t("policy.overtaken")}</Alert>}
    </>
  );
}

/** How many things are not published yet. */
export function useUnpublished(): number {
  const { changes } = useEditing();
  const { before, locked } = useLocks();
  const { locked: more, freed } = lockChanges(before, locked);
  return changes.length + more.length + freed.length;
}

function DraftBar() {
  const { t } = useTranslation();
  const { discard, editable } = useEditing();
  const count = useUnpublished();
  const elsewhere = useRouterState({ select: (state) => /\/(review|tenants)$/.test(state.location.pathname) });
  if (count === 0 || !editable || elsewhere) return null;
  return (
    <aside className={classes.bar} aria-label={t("draft.label")}>
      <span role="status"><Icon name="edit" /> {t("draft.changes", { count })}</span>
      <Group gap="xs">
        <Button variant="default" onClick={discard}>{t("draft.discard")}</Button>
        <Button component={Link} from="/partner/$partner" to="/partner/$partner/template/review">{t("draft.review")}</Button>
      </Group>
    </aside>
  );
}
