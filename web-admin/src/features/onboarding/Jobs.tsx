/** Imports, newest first; those that are under way come along by themselves. */

import { Progress } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { JobFragment } from "~/gql/generated/onboarding";
import type { ImportStatus } from "~/gql/generated/schema";
import { Quiet, Tag, When, type Tone } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Empty } from "~/ui/Loaded";
import { Rows, type Column } from "~/ui/Rows";

const TONES: Record<ImportStatus, Tone> = { QUEUED: "plain", RUNNING: "note", COMPLETED: "good", COMPLETED_WITH_ERRORS: "care", FAILED: "bad", CANCELED: "plain" };

/** How often a list looks how far its imports are: each tells it at once where it is opened. */
export const LOOK_MS = 3_000;

export const isUnderWay = ({ status }: Pick<JobFragment, "status">) => status === "QUEUED" || status === "RUNNING";

export function JobStatus({ job }: { job: JobFragment }) {
  const { t } = useTranslation();
  return <><Tag tone={TONES[job.status]}>{t(`importStatus.${job.status}`)}</Tag> {job.dryRun && <Tag tone="note">{t("import.dryRun")}</Tag>}</>;
}

export function JobProgress({ job }: { job: JobFragment }) {
  const { t } = useTranslation();
  return <Progress value={job.totalRows ? (job.processedRows / job.totalRows) * 100 : 0} animated aria-label={t("import.progress")} miw={90} mt={6} />;
}

/** `link`: the way to an import. */
export function Jobs({ jobs, empty, link }: { jobs: readonly JobFragment[]; empty: string; link: (job: JobFragment) => ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const columns: Column<JobFragment>[] = [
    { label: t("import.file"), plain: true, cell: link },
    { label: t("import.when"), plain: true, kind: "fit", cell: (job) => <When at={job.createdAt} /> },
    { label: t("messages.status"), plain: true, cell: (job) => (isUnderWay(job) ? <JobProgress job={job} /> : <JobStatus job={job} />) },
    { label: t("import.rows"), kind: "number", cell: (job) => formats.number(job.processedRows) },
    { label: t("import.refused"), kind: "number", cell: (job) => job.failedRows > 0 ? formats.number(job.failedRows) : <Quiet>0</Quiet> },
  ];
  if (jobs.length === 0) return <Empty icon="users" title={t("onboarding.none.title")}><p>{empty}</p></Empty>;
  return <Rows label={t("onboarding.imports")} rows={jobs} id={(job) => job.id} columns={columns} />;
}
