/** Many tenants from a file. */

import { Drawer } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { JobDetail } from "~/features/onboarding/JobDetail";
import { isUnderWay, Jobs, LOOK_MS } from "~/features/onboarding/Jobs";
import { TenantImportsDocument } from "~/gql/generated/partner";
import { useMay } from "~/shell/scope";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager } from "~/ui/Rows";
import { SendTenants } from "./SendTenants";

export function ImportsPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { after, job } = useSearch({ from: "/partner/$partner/imports" });
  const navigate = useNavigate({ from: "/partner/$partner/imports" });
  const asked = useAsk(TenantImportsDocument, { after: after ?? null }, { every: LOOK_MS, until: ({ partner }) => !partner?.imports.edges.some((edge) => isUnderWay(edge.node)) });
  return (
    <Page title={t("tenantImports.title")} lead={t("tenantImports.lead")}>
      {may("importTenants") && <SendTenants onSent={(id) => void navigate({ search: { job: id } })} />}
      <div style={{ marginTop: "1rem" }}>
        <Panel title={t("onboarding.imports")} flush>
          <Loaded asked={asked}>
            {({ partner }) => partner && (
              <>
                <Jobs jobs={partner.imports.edges.map((edge) => edge.node)} empty={t("tenantImports.none")}
                  link={(job) => <Link from="/partner/$partner/imports" to="." search={{ after, job: job.id }}>{job.fileName}</Link>} />
                <Pager
                  first={after && <Link from="/partner/$partner/imports" to="." search={{}}>{t("pager.newest")}</Link>}
                  next={partner.imports.pageInfo.hasNextPage && <Link from="/partner/$partner/imports" to="." search={{ after: partner.imports.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
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
