/** The rules: looked at, edited as a draft, rehearsed, published, and taken back. */

import { Alert, Button, Group, Text } from "@mantine/core";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { PoliciesDocument } from "~/gql/generated/policy";
import { usePlace } from "~/shell/tenant";
import { When } from "~/ui/bits";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Page } from "~/ui/Page";
import { Tabs } from "~/ui/Tabs";
import { DraftProvider, useEditing } from "./draft";
import classes from "./policy.module.css";

export function PolicyPage() {
  const { t } = useTranslation();
  const { slug } = usePlace();
  const asked = useAsk(PoliciesDocument, { after: null });
  const part = (name: "rollout" | "levels" | "networks" | "details" | "review" | "history") => ({ to: `/t/$tenant/policy/${name}`, text: t(`policy.tab.${name}`) });
  return (
    <Page title={t("policy.title")} lead={t("policy.lead")}>
      <Tabs label={t("policy.title")} params={{ tenant: slug }} tabs={[part("rollout"), part("levels"), part("networks"), part("details"), part("review"), part("history")]} />
      <Loaded asked={asked}>
        {({ tenant }) => (
          <DraftProvider current={tenant.policy} versions={tenant.policyVersions.edges.map((edge) => edge.node)}>
            <Standing />
            <Outlet />
            <DraftBar />
          </DraftProvider>
        )}
      </Loaded>
    </Page>
  );
}

/** Which version is in force, and which will be. */
function Standing() {
  const { t } = useTranslation();
  const { current, versions, editable, overtaken } = useEditing();
  const scheduled = versions.find((version) => version.status === "SCHEDULED");
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {t("policy.inForce", { version: current.version })} <When at={current.effectiveAt} />
        {scheduled && <> · {t("policy.scheduled", { version: scheduled.version })} <When at={scheduled.effectiveAt} /></>}
        {!editable && <> · {t("policy.readOnly")}</>}
      </Text>
      {overtaken && <Alert color="brass" mb="md" icon={<Icon name="warn" />}>{t("policy.overtaken")}</Alert>}
    </>
  );
}

/** What is not published yet follows one from tab to tab. */
function DraftBar() {
  const { t } = useTranslation();
  const { changes, discard, editable } = useEditing();
  const onReview = useRouterState({ select: (state) => state.location.pathname.endsWith("/review") });
  if (changes.length === 0 || !editable || onReview) return null;
  return (
    <aside className={classes.bar} aria-label={t("draft.label")}>
      <span role="status"><Icon name="edit" /> {t("draft.changes", { count: changes.length })}</span>
      <Group gap="xs">
        <Button variant="default" onClick={discard}>{t("draft.discard")}</Button>
        <Button component={Link} from="/t/$tenant" to="/t/$tenant/policy/review">{t("draft.review")}</Button>
      </Group>
    </aside>
  );
}
