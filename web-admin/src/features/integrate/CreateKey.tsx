/** A new key: what for, and for how long. */

import { Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { CreateKeyDocument } from "~/gql/generated/integrate";
import type { ApiScope } from "~/gql/generated/schema";
import { Secret } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";

const SCOPES = ["LOGIN", "USERS", "SUPPORT", "POLICY", "READ"] as const satisfies readonly ApiScope[];
const DAYS = [30, 90, 365];

export function CreateKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["LOGIN"]);
  const [days, setDays] = useState(365);
  const create = useTell(CreateKeyDocument);
  const refusal = create.error instanceof Refusal ? create.error : undefined;
  if (create.data?.secret) {
    return (
      <Dialog onClose={onClose} title={t("keys.created", { name })} size="lg" closeOnClickOutside={false}>
        <Stack><Text size="sm">{t("keys.created.text")}</Text><Secret value={create.data.secret} /><Button onClick={onClose} data-autofocus>{t("secret.kept")}</Button></Stack>
      </Dialog>
    );
  }
  const send = () => create.mutate({ input: {
    name: name.trim(), scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    // A year is the most, and what is given when nothing is asked.
    expiresAt: days === 365 ? null : new Date(Date.now() + days * 86_400_000).toISOString(),
  } });
  return (
    <Dialog onClose={onClose} title={t("keys.create")} size="lg">
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <Stack>
          <TextInput label={t("keys.name")} description={t("keys.name.hint")} required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} error={refusal?.about("name")} data-autofocus />
          <Checkbox.Group label={t("keys.scopes")} value={scopes} onChange={setScopes} error={refusal?.about("scopes")}>
            <Stack gap="xs" mt="xs">{SCOPES.map((scope) => <Checkbox key={scope} value={scope} label={t(`scope.${scope}`)} description={t(`scopeText.${scope}`)} />)}</Stack>
          </Checkbox.Group>
          <Select label={t("keys.for")} allowDeselect={false} value={String(days)} onChange={(value) => setDays(Number(value))} data={DAYS.map((count) => ({ value: String(count), label: t("keys.days", { count }) }))} />
          <Failure error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={create.isPending} disabled={scopes.length === 0}>{t("keys.create")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
