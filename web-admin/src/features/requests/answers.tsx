/** Yes, with a code to read out; or no. Either with what is to stand on record. */

import { Button, Checkbox, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { CodeGiven } from "~/features/users/CodeGiven";
import { ApproveDocument, DeclineDocument } from "~/gql/generated/requests";
import { usePlace } from "~/shell/tenant";
import { Confirm, Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";

type Props = { id: string; name: string; onClose: () => void };

export function Approve({ id, name, onClose }: Props) {
  const { t } = useTranslation();
  const { role } = usePlace();
  const [reason, setReason] = useState("");
  const [mayChangeFactors, setMayChangeFactors] = useState(false);
  const approve = useTell(ApproveDocument);
  if (approve.data?.code) return <CodeGiven code={approve.data.code} title={t("requests.code")} text={t("requests.read", { name })} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} title={t("requests.letIn", { name })}>
      <form onSubmit={(event) => { event.preventDefault(); approve.mutate({ input: { id, reason: reason.trim(), mayChangeFactors } }); }}>
        <Stack>
          <Text size="sm">{t("requests.check")}</Text>
          <Textarea label={t("requests.how")} description={t("confirm.onRecord")} placeholder={t("issue.reason.example")} required autosize minRows={2} maxLength={500}
            value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          {role !== "ADVISOR" && (
            <Checkbox label={t("issue.mayChange")} description={t("issue.mayChange.text")} checked={mayChangeFactors} onChange={(event) => setMayChangeFactors(event.currentTarget.checked)} />
          )}
          <Failure error={approve.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={approve.isPending} disabled={reason.trim() === ""}>{t("requests.give")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

export function Decline({ id, name, onClose }: Props) {
  const { t } = useTranslation();
  const decline = useTell(DeclineDocument, onClose);
  return (
    <Confirm title={t("requests.refuse", { name })} act={t("requests.decline")} danger reason={t("deed.reason")} busy={decline.isPending} error={decline.error}
      onClose={onClose} onConfirm={(reason) => decline.mutate({ input: { id, reason } })}>{t("requests.refuse.text")}</Confirm>
  );
}
