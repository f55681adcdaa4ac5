/** A file to send: first checked, then taken in. */

import { Button, Checkbox, FileInput, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { tellWithFile } from "~/api/upload";
import { ImportUsersDocument } from "~/gql/generated/onboarding";
import { useTenantId } from "~/shell/tenant";
import { Snippet } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Panel } from "~/ui/Page";

const EXAMPLE = `external_id,kind,display_name,email,phone,advisor_email
C-1001,EXTERNAL,Ada Byron,ada@example.com,+14155550132,avery@firm.example`;

export function Send({ onSent }: { onSent: (job: string) => void }) {
  const { t } = useTranslation();
  const tenant = useTenantId();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [trustContacts, setTrustContacts] = useState(false);
  const sending = useMutation({
    mutationFn: async ({ file, dryRun }: { file: File; dryRun: boolean }) => tellWithFile(tenant, ImportUsersDocument, { dryRun, trustContacts }, file),
    onSuccess: async ({ job }) => {
      await client.invalidateQueries({ queryKey: [tenant] });
      if (job) onSent(job.id);
    },
  });
  const send = (dryRun: boolean) => { if (file) sending.mutate({ file, dryRun }); };
  return (
    <Panel title={t("onboarding.send")} hint={t("onboarding.send.hint")}>
      <Stack maw={680}>
        <Snippet label={t("onboarding.example")} code={EXAMPLE} />
        <FileInput label={t("import.file")} placeholder={t("onboarding.choose")} accept=".csv,text/csv" clearable value={file} onChange={setFile} clearButtonProps={{ "aria-label": t("remove") }} />
        <Checkbox label={t("onboarding.trust")} description={t("onboarding.trust.text")} checked={trustContacts} onChange={(event) => setTrustContacts(event.currentTarget.checked)} />
        <Failure error={sending.error} />
        <Group>
          <Button variant="default" disabled={!file} loading={sending.isPending && sending.variables.dryRun} onClick={() => send(true)}>{t("onboarding.check")}</Button>
          <Button disabled={!file} loading={sending.isPending && !sending.variables.dryRun} onClick={() => send(false)}>{t("onboarding.do")}</Button>
        </Group>
        <Text size="sm" c="dimmed">{t("onboarding.again")}</Text>
      </Stack>
    </Panel>
  );
}
