/** Every version that was, what it changed, and the way back to it. */

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { CancelScheduledDocument, PoliciesDocument } from "~/gql/generated/policy";
import type { PolicyStatus } from "~/gql/generated/schema";
import { actorOf } from "~/features/audit/words";
import { Quiet, Tag, When, type Tone } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Pager } from "~/ui/Rows";
import { Diff } from "./Diff";
import { useEditing } from "./draft";
import { changesBetween, draftOf, type Version } from "./model";
import classes from "./policy.module.css";

const TONES: Record<PolicyStatus, Tone> = { ACTIVE: "good", SCHEDULED: "care", SUPERSEDED: "plain", CANCELED: "plain" };

export function HistoryTab() {
  const { t } = useTranslation();
  const { after } = useSearch({ from: "/t/$tenant/policy/history" });
  // The first page is the one that the whole editor stands on.
  const asked = useAsk(PoliciesDocument, { after: after ?? null });
  return (
    <Panel title={t("history.title")} flush>
      <Loaded asked={asked}>
        {({ tenant: { policyVersions } }) => {
          const versions = policyVersions.edges.map((edge) => edge.node);
          return (
            <>
              <ol className={classes.versions}>
                {versions.map((version, index) => <Entry key={version.id} version={version} before={versions.slice(index + 1).find((one) => one.status !== "CANCELED")} />)}
              </ol>
              <Pager
                first={after && <Link from="/t/$tenant" to="/t/$tenant/policy/history">{t("pager.newest")}</Link>}
                next={policyVersions.pageInfo.hasNextPage && <Link from="/t/$tenant" to="/t/$tenant/policy/history" search={{ after: policyVersions.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Entry({ version, before }: { version: Version; before: Version | undefined }) {
  const { t } = useTranslation();
  const { version: shown, after } = useSearch({ from: "/t/$tenant/policy/history" });
  const changes = before ? changesBetween(draftOf(before), draftOf(version)) : [];
  const open = shown === version.version;
  return (
    <li className={classes.version}>
      <header>
        <strong>{t("history.version", { version: version.version })}</strong>
        <Tag tone={TONES[version.status]}>{t(`policyStatus.${version.status}`)}</Tag>
        <Quiet><When at={version.effectiveAt} />{version.publishedBy && <> · {actorOf(version.publishedBy)}</>}</Quiet>
        <Group gap="xs" ml="auto">
          {before && <Button size="compact-sm" variant="subtle" component={Link} from="/t/$tenant" to="/t/$tenant/policy/history" search={{ after, version: open ? undefined : version.version } as never} resetScroll={false} aria-expanded={open}>{t(open ? "history.hide" : "history.show", { count: changes.length })}</Button>}
          <Deeds version={version} />
        </Group>
      </header>
      {version.comment && <Text size="sm" mt={4}>{version.comment}</Text>}
      {open && before && (changes.length === 0 ? <Text size="sm" c="dimmed" mt="xs">{t("history.same")}</Text> : <Diff changes={changes} />)}
    </li>
  );
}

function Deeds({ version }: { version: Version }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { editable, edit, current } = useEditing();
  const [asking, setAsking] = useState(false);
  const cancel = useTell(CancelScheduledDocument, () => {
    setAsking(false);
    notifications.show({ message: t("history.withdrawn", { version: version.version }) });
  });
  if (!editable) return null;
  const back = () => {
    edit(() => draftOf(version));
    void navigate({ from: "/t/$tenant", to: "/t/$tenant/policy/review" });
  };
  return (
    <>
      {version.status === "SCHEDULED" && <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>{t("history.withdraw")}</Button>}
      {version.version !== current.version && version.status !== "SCHEDULED" && <Button size="compact-sm" variant="default" onClick={back}>{t("history.back")}</Button>}
      {asking && (
        <Confirm title={t("history.withdraw")} act={t("history.withdraw")} danger busy={cancel.isPending} error={cancel.error} onClose={() => setAsking(false)}
          onConfirm={() => cancel.mutate({ input: { version: version.version } })}>{t("history.withdraw.text")}</Confirm>
      )}
    </>
  );
}
