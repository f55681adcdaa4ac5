/** Somebody else is to help. */

import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { InviteDocument } from "~/gql/generated/team";
import type { AdminRole } from "~/gql/generated/schema";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import { ROLES } from "./roles";

export function Invite({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<AdminRole>("SUPPORT");
  const invite = useTell(InviteDocument, () => {
    notifications.show({ message: t("team.invited.done", { email }) });
    onClose();
  });
  const refusal = invite.error instanceof Refusal ? invite.error.about("email") : undefined;
  return (
    <Dialog onClose={onClose} title={t("team.invite")} size="lg">
      <form onSubmit={(event) => { event.preventDefault(); invite.mutate({ input: { email: email.trim(), role } }); }}>
        <Stack>
          <TextInput label={t("team.email")} description={t("team.email.hint")} type="email" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={refusal} data-autofocus />
          <Radio.Group label={t("team.role")} value={role} onChange={(value) => setRole(ROLES.find((one) => one === value) ?? "SUPPORT")}>
            <Stack gap="xs" mt="xs">{ROLES.map((one) => <Radio key={one} value={one} label={t(`role.${one}`)} description={t(`roleText.${one}`)} />)}</Stack>
          </Radio.Group>
          {!refusal && <Failure error={invite.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={invite.isPending}>{t("team.invite.do")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
