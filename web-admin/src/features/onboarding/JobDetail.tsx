/** One import: how far it is, what it changed, what was refused and why. */

import { Anchor, Button, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keyOf, useAsk, useTell } from "~/api/hooks";
import { useFallback, useListen } from "~/api/live/hooks";
import { CancelImportDocument, ImportDocument, ImportProgressDocument, type ImportQuery, type JobInFullFragment } from "~/gql/generated/onboarding";
import { useMay, useScope } from "~/shell/scope";
import { Facts, When } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Empty, Loaded } from "~/ui/Loaded";
import { Rows } from "~/ui/Rows";
import { isUnderWay, JobProgress, JobStatus } from "./Jobs";

type Job = JobInFullFragment;

/** Where nothing can be told. */
const LOOK_MS = 1_500;

const jobOf = (data: ImportQuery | undefined): Job | undefined => (data?.node && "errors" in data.node ? data.node : undefined);

export function JobDetail({ id }: { id: string }) {
  const { t } = useTranslation();
  const over = (job: Job | undefined) => job !== undefined && !isUnderWay(job);
  const asked = useAsk(ImportDocument, { id }, { every: useFallback(LOOK_MS), until: (data) => over(jobOf(data)) });
  useProgress(id, asked.data !== undefined && !over(jobOf(asked.data)));
  return (
    <Loaded asked={asked}>
      {(data) => {
        const job = jobOf(data);
        return job ? <Drawn job={job} /> : <Empty title={t("import.gone")} />;
      }}
    </Loaded>
  );
}

/** What is told of the import takes the place of what was asked; at its end everything of the place is read again. */
function useProgress(id: string, isUnderWayYet: boolean) {
  const client = useQueryClient();
  const scope = useScope();
  useListen(ImportProgressDocument, { id }, ({ importProgress }) => {
    client.setQueryData<ImportQuery>(keyOf(scope, ImportDocument, { id }), { node: importProgress });
    if (!isUnderWay(importProgress)) void client.invalidateQueries({ queryKey: [scope] });
  }, isUnderWayYet);
}

function Drawn({ job }: { job: Job }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const cancel = useTell(CancelImportDocument);
  return (
    <Stack gap="lg">
      <div role="status">
        <Text fw={600}>{job.fileName} <JobStatus job={job} /></Text>
        {isUnderWay(job) && <JobProgress job={job} />}
      </div>
      <Facts of={[
        [t("import.when"), <When at={job.createdAt} />],
        [t("import.rows"), `${formats.number(job.processedRows)}${job.totalRows === null ? "" : ` / ${formats.number(job.totalRows)}`}`],
        [t(job.dryRun ? "import.wouldCreate" : "import.created"), formats.number(job.createdRows)],
        [t(job.dryRun ? "import.wouldUpdate" : "import.updated"), formats.number(job.updatedRows)],
        [t("import.unchanged"), formats.number(job.unchangedRows)],
        [t("import.refused"), formats.number(job.failedRows)],
      ]} />
      {isUnderWay(job) && may("cancelImport") && <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ input: { id: job.id } })}>{t("import.cancel")}</Button>}
      {job.errors.length > 0 && (
        <div>
          <Title order={2} mb="xs">{t("import.why")}</Title>
          <Rows label={t("import.why")} rows={job.errors} id={(error) => `${error.line}${error.column}${error.message}`} columns={[
            { label: t("import.line"), kind: "fit", cell: (error) => (error.line === 0 ? "—" : formats.number(error.line)) },
            { label: t("import.column"), cell: (error) => error.column ?? "—" },
            { label: t("import.what"), plain: true, cell: (error) => error.message },
          ]} />
          {job.errorsUrl && <Anchor href={job.errorsUrl} download mt="sm" display="inline-block">{t("import.download")}</Anchor>}
        </div>
      )}
    </Stack>
  );
}
