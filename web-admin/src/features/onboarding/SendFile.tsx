/** A file to send: first checked, then taken in. */

import { Button, FileInput, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useScope } from "~/shell/scope";
import { Snippet } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Panel } from "~/ui/Page";

type Props = {
  title: string;
  hint: string;
  /** The first lines of such a file. */
  example: string;
  /** What else there is to choose. */
  children: ReactNode;
  send: (file: File, dryRun: boolean) => Promise<{ readonly job: { readonly id: string } | null }>;
  onSent: (job: string) => void;
};

export function SendFile({ title, hint, example, children, send, onSent }: Props) {
  const { t } = useTranslation();
  const scope = useScope();
  // By what a row finds what is there already: the first column.
  const [key = ""] = example.split(",");
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const sending = useMutation({
    mutationFn: ({ file, dryRun }: { file: File; dryRun: boolean }) => send(file, dryRun),
    onSuccess: async ({ job }) => {
      await client.invalidateQueries({ queryKey: [scope] });
      if (job) onSent(job.id);
    },
  });
  const go = (dryRun: boolean) => { if (file) sending.mutate({ file, dryRun }); };
  return (
    <Panel title={title} hint={hint}>
      <Stack maw={680}>
        <Snippet label={t("onboarding.example")} code={example} />
        <FileInput label={t("import.file")} placeholder={t("onboarding.choose")} accept=".csv,text/csv" clearable value={file} onChange={setFile} clearButtonProps={{ "aria-label": t("remove") }} />
        {children}
        <Failure error={sending.error} />
        <Group>
          <Button variant="default" disabled={!file} loading={sending.isPending && sending.variables.dryRun} onClick={() => go(true)}>{t("onboarding.check")}</Button>
          <Button disabled={!file} loading={sending.isPending && !sending.variables.dryRun} onClick={() => go(false)}>{t("onboarding.do")}</Button>
        </Group>
        <Text size="sm" c="dimmed">{t("onboarding.again", { column: key })}</Text>
      </Stack>
    </Panel>
  );
}
