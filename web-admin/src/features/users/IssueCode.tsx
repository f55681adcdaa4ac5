/** Temporary access for somebody who lost every factor and calls. */

import { Button, Checkbox, Group, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { IssueCodeDocument } from "~/gql/generated/users";
import { usePlace } from "~/shell/tenant";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Dialog } from "~/ui/Dialog";
import { CodeGiven } from "./CodeGiven";
import type { User } from "./words";

const LENGTHS = [900, 3_600, 14_400, 28_800, 86_400];

type Props = { user: User; maxSeconds: number; onClose: () => void };

export function IssueCode({ user, maxSeconds, onClose }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { role } = usePlace();
  const lengths = LENGTHS.filter((seconds) => seconds <= maxSeconds);
  const [reason, setReason] = useState("");
  const [seconds, setSeconds] = useState(lengths[0] ?? maxSeconds);
  const [mayChangeFactors, setMayChangeFactors] = useState(false);
  const issue = useTell(IssueCodeDocument);
  const issued = issue.data;
  if (issued?.code && issued.temporaryAccessCode) {
    return <CodeGiven code={issued.code} title={t("issue.done")} onClose={onClose} text={t("issue.read", { until: formats.moment(issued.temporaryAccessCode.expiresAt) })} />;
  }
  const send = () => issue.mutate({ input: { user: { id: user.id }, reason: reason.trim(), validForSeconds: seconds, mayChangeFactors } });
  return (
    <Dialog onClose={onClose} title={t("issue.title", { name: user.displayName ?? user.externalId })}>
      <form onSubmit={(event) => { event.preventDefault(); send(); }}>
        <Stack>
          <Text size="sm">{t("issue.text")}</Text>
          <Textarea label={t("issue.reason")} description={t("confirm.onRecord")} placeholder={t("issue.reason.example")} required autosize minRows={2} maxLength={500}
            value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          <Select label={t("issue.valid")} allowDeselect={false} value={String(seconds)} onChange={(value) => setSeconds(Number(value))}
            data={(lengths.length > 0 ? lengths : [maxSeconds]).map((length) => ({ value: String(length), label: formats.seconds(length) }))} />
          {role !== "ADVISOR" && (
            <Checkbox label={t("issue.mayChange")} description={t("issue.mayChange.text")} checked={mayChangeFactors} onChange={(event) => setMayChangeFactors(event.currentTarget.checked)} />
          )}
          <Failure error={issue.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={issue.isPending} disabled={reason.trim() === ""}>{t("issue.do")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
