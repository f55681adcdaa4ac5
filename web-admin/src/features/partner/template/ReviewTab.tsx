/** What a new version of the template would change, and publishing it. */

import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { Diff, nameOf } from "~/features/policy/Diff";
import { useEditing } from "~/features/policy/draft";
import { draftOf, inputOf, newlyWeaker } from "~/features/policy/model";
import { Refused } from "~/features/policy/Refused";
import { PublishTemplateDocument } from "~/gql/generated/partner";
import { Icon } from "~/ui/Icon";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { collapsed, lockChanges } from "./locks";
import { useLocks } from "./template";
import { useUnpublished } from "./TemplatePage";

export function ReviewTab() {
  const { t } = useTranslation();
  const { changes, current, discard, editable } = useEditing();
  const count = useUnpublished();
  const first = current.version === 0;
  if (count === 0 && !(first && editable)) {
    return (
      <Panel>
        <Empty icon="policy" title={t("review.none.title")}>
          <p>{t(editable ? "template.none" : "template.readOnly")}</p>
          <Button mt="md" variant="default" component={Link} from="/partner/$partner" to="/partner/$partner/template/locks">{t("template.none.go")}</Button>
        </Empty>
      </Panel>
    );
  }
  return (
    <Stack gap="md">
      {count > 0 && (
        <Panel title={t("review.changes", { count })} actions={<Button size="xs" variant="default" onClick={discard}>{t("draft.discard")}</Button>}>
          <Stack>
            {changes.length > 0 && <Diff changes={changes} />}
            <Locked />
          </Stack>
        </Panel>
      )}
      <Panel title={t("template.publish")} hint={t("template.publish.hint")}><Publish /></Panel>
    </Stack>
  );
}

function Locked() {
  const { t } = useTranslation();
  const { before, locked } = useLocks();
  const changed = lockChanges(before, locked);
  return (["locked", "freed"] as const).map((way) => changed[way].length > 0 && (
    <Text key={way} size="sm"><strong>{t(`locks.${way}`)}</strong> {changed[way].map((place) => nameOf(place, t)).join(", ")}</Text>
  ));
}

function Publish() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { current, draft, base, discard, editable } = useEditing();
  const { locked, places } = useLocks();
  const [accepted, setAccepted] = useState(false);
  const weaker = newlyWeaker(draftOf(current), draft);
  const publish = useTell(PublishTemplateDocument, ({ template }) => {
    discard();
    notifications.show({ icon: <Icon name="check" />, message: t("template.published", { version: template?.policy.version ?? 0 }) });
    void navigate({ from: "/partner/$partner", to: "/partner/$partner/template/tenants" });
  });
  if (!editable) return <Text size="sm" c="dimmed">{t("template.readOnly")}</Text>;
  const send = () => publish.mutate({ input: {
    policy: inputOf(draft), lockedFields: collapsed(locked, places), expectedVersion: base, acknowledgeWeakerChannels: accepted ? weaker : [],
  } });
  return (
    <Stack>
      {weaker.length > 0 && (
        <Alert color="brass" icon={<Icon name="warn" />} title={t("publish.weaker")}>
          <Text size="sm" mb="xs">{t("channelWarning.EMAIL")}</Text>
          <Checkbox label={t("publish.accept")} checked={accepted} onChange={(event) => setAccepted(event.currentTarget.checked)} />
        </Alert>
      )}
      <Refused error={publish.error} />
      <Group><Button size="md" loading={publish.isPending} disabled={weaker.length > 0 && !accepted} onClick={send}>{t("template.publish")}</Button></Group>
    </Stack>
  );
}
