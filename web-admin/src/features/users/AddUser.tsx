/** A user by hand; as a rule the firm's own software makes them. */

import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { UpsertUserDocument } from "~/gql/generated/users";
import type { UserKind } from "~/gql/generated/schema";
import { KINDS } from "~/search";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";

export function AddUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [user, setUser] = useState({ externalId: "", kind: "EXTERNAL" as UserKind, displayName: "", email: "" });
  const set = (changed: Partial<typeof user>) => setUser({ ...user, ...changed });
  const add = useTell(UpsertUserDocument, (payload) => {
    if (payload.user) void navigate({ from: "/t/$tenant", to: "/t/$tenant/users/$user", params: { user: payload.user.id } });
  });
  const refusal = add.error instanceof Refusal ? add.error : undefined;
  return (
    <Dialog onClose={onClose} title={t("users.add")}>
      <form onSubmit={(event) => { event.preventDefault(); add.mutate({ input: { ...user, displayName: user.displayName || null, email: user.email || null } }); }}>
        <Stack>
          <Text size="sm" c="dimmed">{t("users.add.text")}</Text>
          <TextInput label={t("users.externalId")} description={t("users.externalId.hint")} required maxLength={255} value={user.externalId}
            onChange={(event) => set({ externalId: event.currentTarget.value })} error={refusal?.about("externalId")} data-autofocus />
          <Select label={t("users.kind")} allowDeselect={false} value={user.kind} onChange={(kind) => kind && set({ kind })} data={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
          <TextInput label={t("users.name")} maxLength={200} value={user.displayName} onChange={(event) => set({ displayName: event.currentTarget.value })} error={refusal?.about("displayName")} />
          <TextInput label={t("users.email")} type="email" value={user.email} onChange={(event) => set({ email: event.currentTarget.value })} error={refusal?.about("email")} />
          <Failure error={add.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={add.isPending}>{t("users.add")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
