/** Now, or at a date. */

import { Alert, Button, Checkbox, Group, Radio, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { PublishDocument } from "~/gql/generated/policy";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Dialog } from "~/ui/Dialog";
import { DateField } from "./DateField";
import { dateInDays } from "./dates";
import { useEditing } from "./draft";
import { draftOf, inputOf, newlyWeaker } from "./model";
import { Refused } from "./Refused";
import classes from "./policy.module.css";

export function Publish() {
  const { t } = useTranslation();
  const { editable } = useEditing();
  const [open, setOpen] = useState(false);
  if (!editable) return <Text size="sm" c="dimmed">{t("policy.readOnly")}</Text>;
  return (
    <>
      <Button size="md" onClick={() => setOpen(true)}>{t("publish.open")}</Button>
      {open && <PublishDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function PublishDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const navigate = useNavigate();
  const { current, draft, base, changes, discard } = useEditing();
  const weaker = newlyWeaker(draftOf(current), draft);
  const [comment, setComment] = useState("");
  const [accepted, setAccepted] = useState(false);
  const [effectiveAt, setEffectiveAt] = useState<string | null>(null);
  const publish = useTell(PublishDocument, ({ policy }) => {
    discard();
    notifications.show({ icon: <Icon name="check" />, message: t(policy?.status === "SCHEDULED" ? "publish.scheduled" : "publish.done", { version: policy?.version ?? 0 }) });
    void navigate({ from: "/t/$tenant", to: "/t/$tenant/policy/history" });
  });
  const send = () => publish.mutate({ input: {
    policy: inputOf(draft), expectedVersion: base, comment: comment.trim() || null, effectiveAt, acknowledgeWeakerChannels: accepted ? weaker : [],
  } });
  return (
    <Dialog onClose={onClose} title={t("publish.title", { count: changes.length })} size="lg">
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <Stack>
          <fieldset className={classes.choice}>
            <legend>{t("publish.when")}</legend>
            <Radio name="when" label={t("publish.now")} description={t("publish.now.text")} checked={effectiveAt === null} onChange={() => setEffectiveAt(null)} />
            <Radio name="when" label={t("publish.later")} checked={effectiveAt !== null} onChange={() => setEffectiveAt(dateInDays(1, formats))} />
            {effectiveAt !== null && <div className={classes.inset}><DateField label={t("publish.date")} value={effectiveAt} onChange={setEffectiveAt} w={200} /></div>}
          </fieldset>
          <Textarea label={t("publish.comment")} description={t("publish.comment.hint")} maxLength={1000} autosize minRows={2} value={comment} onChange={(event) => setComment(event.currentTarget.value)} data-autofocus />
          {weaker.length > 0 && (
            <Alert color="brass" icon={<Icon name="warn" />} title={t("publish.weaker")}>
              <Text size="sm" mb="xs">{t("channelWarning.EMAIL")}</Text>
              <Checkbox label={t("publish.accept")} checked={accepted} onChange={(event) => setAccepted(event.currentTarget.checked)} />
            </Alert>
          )}
          <Refused error={publish.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={publish.isPending} disabled={weaker.length > 0 && !accepted}>{t(effectiveAt === null ? "publish.do" : "publish.schedule")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
