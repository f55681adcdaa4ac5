/** A new endpoint, and its secret once. */

import { Button, Group, MultiSelect, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { CreateWebhookDocument } from "~/gql/generated/integrate";
import type { WebhookEvent } from "~/gql/generated/schema";
import { Secret } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";

export const EVENTS = [
  "LOGIN_COMPLETED", "LOGIN_DENIED", "CHALLENGE_FAILED", "FACTOR_ADDED", "FACTOR_REMOVED", "USER_LOCKED", "TEMPORARY_ACCESS_REQUESTED",
  "TEMPORARY_ACCESS_ISSUED", "MESSAGE_FAILED", "PREFIX_BLOCKED", "POLICY_PUBLISHED", "IMPORT_FINISHED", "SPENDING_CAP_NEAR", "SPENDING_CAP_REACHED",
] as const satisfies readonly WebhookEvent[];

export function CreateWebhook({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<string[]>([]);
  const create = useTell(CreateWebhookDocument);
  const refusal = create.error instanceof Refusal ? create.error.about("url") : undefined;
  const secret = create.data?.secret;
  return (
    <Dialog onClose={onClose} title={t(secret ? "webhooks.secret" : "webhooks.create")} size="lg" closeOnClickOutside={!secret}>
      {secret ? (
        <Stack><Text size="sm">{t("webhooks.secret.text")}</Text><Secret value={secret} /><Button onClick={onClose} data-autofocus>{t("secret.kept")}</Button></Stack>
      ) : (
        <form onSubmit={(event) => { event.preventDefault(); create.mutate({ input: { url: url.trim(), events: EVENTS.filter((one) => events.includes(one)) } }); }}>
          <Stack>
            <TextInput label={t("webhooks.url")} description={t("webhooks.url.hint")} type="url" placeholder="https://" required value={url} onChange={(event) => setUrl(event.currentTarget.value)} error={refusal} data-autofocus />
            <MultiSelect label={t("webhooks.events")} placeholder={events.length === 0 ? t("webhooks.all") : ""} clearable searchable value={events} onChange={setEvents} data={EVENTS.map((event) => ({ value: event, label: t(`event.${event}`) }))} />
            {!refusal && <Failure error={create.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
              <Button type="submit" loading={create.isPending}>{t("webhooks.create")}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
