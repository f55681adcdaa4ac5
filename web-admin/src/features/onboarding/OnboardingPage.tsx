/** Bringing users on board from a file. */

import { Drawer, Progress } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { ImportsDocument, type JobFragment } from "~/gql/generated/onboarding";
import type { ImportStatus } from "~/gql/generated/schema";
import { useMay } from "~/shell/tenant";
import { Quiet, Tag, When, type Tone } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import { JobDetail } from "./JobDetail";
import { Send } from "./Send";

const TONES: Record<ImportStatus, Tone> = { QUEUED: "plain", RUNNING: "note", COMPLETED: "good", COMPLETED_WITH_ERRORS: "care", FAILED: "bad", CANCELED: "plain" };
const LOOK_MS = 1_000;

export const isUnderWay = ({ status }: Pick<JobFragment, "status">) => status === "QUEUED" || status === "RUNNING";

export function OnboardingPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { after, job } = useSearch({ from: "/t/$tenant/onboarding" });
  const navigate = useNavigate({ from: "/t/$tenant/onboarding" });
  const asked = useAsk(ImportsDocument, { after: after ?? null }, { every: LOOK_MS * 3 });
  return (
    <Page title={t("onboarding.title")} lead={t("onboarding.lead")}>
      {may("importUsers") && <Send onSent={(id) => void navigate({ search: { job: id } })} />}
      <div style={{ marginTop: "1rem" }}>
        <Panel title={t("onboarding.imports")} flush>
          <Loaded asked={asked}>
            {({ tenant: { imports } }) => (
              <>
                <List jobs={imports.edges.map((edge) => edge.node)} />
                <Pager
                  first={after && <Link from="/t/$tenant/onboarding" to="." search={{}}>{t("pager.newest")}</Link>}
                  next={imports.pageInfo.hasNextPage && <Link from="/t/$tenant/onboarding" to="." search={{ after: imports.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
              </>
            )}
          </Loaded>
        </Panel>
      </div>
      <Drawer opened={job !== undefined} onClose={() => void navigate({ search: { after } })} position="right" size="lg" title={t("import.title")} closeButtonProps={{ "aria-label": t("close") }}>
        {job && <JobDetail key={job} id={job} />}
      </Drawer>
    </Page>
  );
}

export function JobStatus({ job }: { job: JobFragment }) {
  const { t } = useTranslation();
  return <><Tag tone={TONES[job.status]}>{t(`importStatus.${job.status}`)}</Tag> {job.dryRun && <Tag tone="note">{t("import.dryRun")}</Tag>}</>;
}

function List({ jobs }: { jobs: readonly JobFragment[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { after } = useSearch({ from: "/t/$tenant/onboarding" });
  const columns: Column<JobFragment>[] = [
    { label: t("import.file"), plain: true, cell: (job) => <Link from="/t/$tenant/onboarding" to="." search={{ after, job: job.id }}>{job.fileName}</Link> },
    { label: t("import.when"), plain: true, kind: "fit", cell: (job) => <When at={job.createdAt} /> },
    { label: t("messages.status"), plain: true, cell: (job) => isUnderWay(job)
      ? <Progress value={job.totalRows ? (job.processedRows / job.totalRows) * 100 : 0} animated aria-label={t("import.progress")} miw={90} mt={6} />
      : <JobStatus job={job} /> },
    { label: t("import.rows"), kind: "number", cell: (job) => formats.number(job.processedRows) },
    { label: t("import.refused"), kind: "number", cell: (job) => job.failedRows > 0 ? formats.number(job.failedRows) : <Quiet>0</Quiet> },
  ];
  if (jobs.length === 0) return <Empty icon="users" title={t("onboarding.none.title")}><p>{t("onboarding.none.text")}</p></Empty>;
  return <Rows label={t("onboarding.imports")} rows={jobs} id={(job) => job.id} columns={columns} />;
}
