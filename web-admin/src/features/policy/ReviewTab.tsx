/** What will change, rehearsed on what was, and then published. */

import { Button, Group, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Diff } from "./Diff";
import { useEditing } from "./draft";
import { Publish } from "./Publish";
import { Rehearsal } from "./Rehearsal";

export function ReviewTab() {
  const { t } = useTranslation();
  const { changes, discard, editable } = useEditing();
  if (changes.length === 0) {
    return (
      <Panel>
        <Empty icon="policy" title={t("review.none.title")}>
          <p>{t(editable ? "review.none.text" : "review.none.readOnly")}</p>
          <Button mt="md" variant="default" component={Link} from="/t/$tenant" to="/t/$tenant/policy/rollout">{t("review.none.go")}</Button>
        </Empty>
      </Panel>
    );
  }
  return (
    <Stack gap="md">
      <Panel title={t("review.changes", { count: changes.length })} actions={<Button size="xs" variant="default" onClick={discard}>{t("draft.discard")}</Button>}><Diff changes={changes} /></Panel>
      <Panel title={t("review.rehearse")} hint={t("review.rehearse.hint")}><Rehearsal /></Panel>
      <Panel title={t("review.publish")} hint={t("review.publish.hint")}><Group><Publish /></Group></Panel>
    </Stack>
  );
}
