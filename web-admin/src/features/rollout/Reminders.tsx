/** Mails to whoever has not enrolled yet: seen first, then sent. */

import { Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { RemindDocument, type RolloutQuery } from "~/gql/generated/rollout";
import { useMay } from "~/shell/scope";
import { actorOf } from "~/features/audit/words";
import { Quiet, When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import users from "~/features/users/users.module.css";
import { Dialog } from "~/ui/Dialog";

/** In which Postern writes. */
const LANGUAGES = ["en", "es"] as const;

/** As they are written in the text. */
const FILLED_IN = { name: "{{display_name}}", deadline: "{{deadline}}", tenant: "{{tenant_name}}" };

type Runs = RolloutQuery["tenant"]["enrollmentReminders"];

export function Reminders({ runs }: { runs: Runs }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const [open, setOpen] = useState(false);
  return (
    <Panel title={t("reminders.title")} hint={t("reminders.hint")}
      actions={may("sendEnrollmentReminders") && <Button variant="default" leftSection={<Icon name="mail" />} onClick={() => setOpen(true)}>{t("reminders.open")}</Button>}>
      {runs.edges.length === 0 ? <Text size="sm" c="dimmed">{t("reminders.none")}</Text> : (
        <ul className={users.list}>
          {runs.edges.map(({ node: run }) => (
            <li key={run.id} className={users.line}>
              <Icon name="mail" size={20} />
              <div>
                <strong>{t("reminders.run", { queued: formats.number(run.queued), recipients: formats.number(run.recipients) })}</strong>
                <div><Quiet><When at={run.createdAt} /> · {actorOf(run.createdBy)}{run.ending && run.ending !== "COMPLETED" && <> · {t(`reminders.ending.${run.ending}`)}</>}</Quiet></div>
              </div>
            </li>
          ))}
        </ul>
      )}
      {open && <Write onClose={() => setOpen(false)} />}
    </Panel>
  );
}

function Write({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const [language, setLanguage] = useState<string | null>(null);
  const input = { subject: subject.trim() || null, body: body.trim() || null, language };
  const look = useTell(RemindDocument);
  const send = useTell(RemindDocument, ({ recipients }) => {
    notifications.show({ message: t("reminders.sent", { count: recipients ?? 0 }) });
    onClose();
  });
  const shown = look.data;
  return (
    <Dialog onClose={onClose} title={t("reminders.open")} size="lg">
      <Stack>
        <Select label={t("reminders.language")} description={t("reminders.language.hint")} placeholder={t("reminders.everybody")} clearable value={language}
          data={LANGUAGES.map((one) => ({ value: one, label: t(`language.${one}`) }))} onChange={(value) => { setLanguage(value); look.reset(); }} />
        <TextInput label={t("reminders.subject")} placeholder={t("reminders.default")} maxLength={200} value={subject} onChange={(event) => { setSubject(event.currentTarget.value); look.reset(); }} />
        <Textarea label={t("reminders.body")} description={t("reminders.body.hint", FILLED_IN)} placeholder={t("reminders.default")} autosize minRows={4} maxLength={5000} value={body} onChange={(event) => { setBody(event.currentTarget.value); look.reset(); }} />
        <Failure error={look.error ?? send.error} />
        {shown?.preview && (
          <div role="status">
            <Text fw={600}>{t("reminders.recipients", { count: shown.recipients ?? 0 })}</Text>
            <Text mt="xs" size="sm" fw={600}>{shown.preview.subject}</Text>
            <Text size="sm" p="sm" mt={4} bg="var(--surface-sunk)" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", borderRadius: 6 }}>{shown.preview.text}</Text>
          </div>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
          <Button variant={shown ? "default" : "filled"} loading={look.isPending} onClick={() => look.mutate({ input: { ...input, dryRun: true } })}>{t("reminders.look")}</Button>
          {shown && <Button loading={send.isPending} disabled={shown.recipients === 0} onClick={() => send.mutate({ input })}>{t("reminders.send")}</Button>}
        </Group>
      </Stack>
    </Dialog>
  );
}
