/** Bringing users on board from a file. */

import { Drawer } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { ImportsDocument } from "~/gql/generated/onboarding";
import { useMay } from "~/shell/scope";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager } from "~/ui/Rows";
import { JobDetail } from "./JobDetail";
import { isUnderWay, Jobs, LOOK_MS } from "./Jobs";
import { Send } from "./Send";

export function OnboardingPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { after, job } = useSearch({ from: "/t/$tenant/onboarding" });
  const navigate = useNavigate({ from: "/t/$tenant/onboarding" });
  const asked = useAsk(ImportsDocument, { after: after ?? null }, { every: LOOK_MS, until: ({ tenant }) => !tenant.imports.edges.some((edge) => isUnderWay(edge.node)) });
  return (
    <Page title={t("onboarding.title")} lead={t("onboarding.lead")}>
      {may("importUsers") && <Send onSent={(id) => void navigate({ search: { job: id } })} />}
      <div style={{ marginTop: "1rem" }}>
        <Panel title={t("onboarding.imports")} flush>
          <Loaded asked={asked}>
            {({ tenant: { imports } }) => (
              <>
                <Jobs jobs={imports.edges.map((edge) => edge.node)} empty={t("onboarding.none.text")}
                  link={(job) => <Link from="/t/$tenant/onboarding" to="." search={{ after, job: job.id }}>{job.fileName}</Link>} />
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
