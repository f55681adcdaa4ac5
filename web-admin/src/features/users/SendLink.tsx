/** A mailed link in the place of a password, for an external party. */

import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { SendLinkDocument } from "~/gql/generated/users";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Dialog } from "~/ui/Dialog";
import type { User } from "./words";

const LENGTHS = [3_600, 86_400, 259_200, 604_800];

type Props = { user: User; returnUrls: readonly string[]; onClose: () => void };

export function SendLink({ user, returnUrls, onClose }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [returnUrl, setReturnUrl] = useState(returnUrls[0] ?? "");
  const [seconds, setSeconds] = useState(86_400);
  const send = useTell(SendLinkDocument, () => {
    notifications.show({ message: t("link.sent", { email: user.email ?? "" }) });
    onClose();
  });
  return (
    <Dialog onClose={onClose} title={t("deed.link")}>
      <Stack>
        <Text size="sm">{t("link.text", { email: user.email ?? "" })}</Text>
        <Select label={t("link.returnUrl")} allowDeselect={false} data={[...returnUrls]} value={returnUrl} onChange={(url) => url && setReturnUrl(url)} />
        <Select label={t("issue.valid")} allowDeselect={false} value={String(seconds)} onChange={(value) => setSeconds(Number(value))}
          data={LENGTHS.map((length) => ({ value: String(length), label: formats.seconds(length) }))} />
        <Failure error={send.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
          <Button loading={send.isPending} onClick={() => send.mutate({ input: { user: { id: user.id }, returnUrl, validForSeconds: seconds } })}>{t("link.do")}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
