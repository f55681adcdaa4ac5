/** A partner's tenants: found, looked at, made. */

import { Button, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { TenantsDocument, type TenantsQuery } from "~/gql/generated/partner";
import { useMay } from "~/shell/scope";
import { Quiet, Tag, When } from "~/ui/bits";
import { Meter, Stats } from "~/ui/charts/Split";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import { useTyped } from "~/ui/typed";
import classes from "~/ui/ui.module.css";
import { CreateTenant } from "./CreateTenant";
import { TenantLink } from "./TenantLink";
import { usePartner } from "./partner";

type Partner = NonNullable<TenantsQuery["partner"]>;
type Tenant = Partner["tenants"]["edges"][number]["node"];

export function TenantsPage() {
  const { t } = useTranslation();
  const may = useMay();
  const { name } = usePartner();
  const { search, after } = useSearch({ from: "/partner/$partner/tenants" });
  const [making, make] = useDisclosure(false);
  const asked = useAsk(TenantsDocument, { search: search ?? null, after: after ?? null });
  const template = asked.data?.partner?.templatePolicy ?? null;
  return (
    <Page title={t("tenants.title")} lead={t("tenants.lead", { name })}
      actions={may("createTenant") && <Button leftSection={<Icon name="plus" />} onClick={make.open}>{t("tenants.create")}</Button>}>
      <Loaded asked={asked}>{({ partner }) => partner && <Summary partner={partner} searched={search !== undefined} />}</Loaded>
      <Search />
      <Panel flush><Loaded asked={asked}>{({ partner }) => partner && <List tenants={partner.tenants} wanted={search !== undefined} />}</Loaded></Panel>
      {making && <CreateTenant template={template} onClose={make.close} />}
    </Page>
  );
}

function Summary({ partner, searched }: { partner: Partner; searched: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { total, enrolled } = partner.enrollmentProgress;
  const differ = partner.templatePolicy?.drift.totalCount ?? 0;
  return (
    <div className={classes.summary}>
      <Stats of={[
        ...(searched ? [] : [{ name: t("tenants.count"), value: formats.number(partner.tenants.totalCount) }]),
        { name: t("tenants.enrolled"), value: formats.percent(total === 0 ? 0 : enrolled / total), note: t("rollout.ofUsers", { enrolled: formats.number(enrolled), total: formats.number(total) }) },
        { name: t("tenants.differ"), value: formats.number(differ), note: partner.templatePolicy
          ? <Link from="/partner/$partner" to="/partner/$partner/template/tenants">{t("tenants.differ.show", { version: partner.templatePolicy.policy.version })}</Link>
          : t("tenants.differ.none") },
      ]} />
    </div>
  );
}

function Search() {
  const { t } = useTranslation();
  const { search } = useSearch({ from: "/partner/$partner/tenants" });
  const navigate = useNavigate({ from: "/partner/$partner/tenants" });
  const [typed, setTyped] = useTyped(search, (search) => void navigate({ search: { search }, replace: true }));
  return (
    <search className={classes.filters}>
      <TextInput className={classes.wide} label={t("tenants.search")} placeholder={t("tenants.search.hint")} leftSection={<Icon name="search" />} type="search"
        value={typed} onChange={(event) => setTyped(event.currentTarget.value)} maxLength={200} />
    </search>
  );
}

function List({ tenants, wanted }: { tenants: Partner["tenants"]; wanted: boolean }) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/partner/$partner/tenants" });
  const columns: Column<Tenant>[] = [
    { label: t("tenants.name"), plain: true, cell: (tenant) => <><TenantLink tenant={tenant} /><div><Quiet>{tenant.slug}</Quiet></div></> },
    { label: t("tenants.environment"), plain: true, kind: "fit", cell: ({ environment }) => <Tag tone={environment === "LIVE" ? "good" : "note"}>{t(`environment.${environment}`)}</Tag> },
    { label: t("tenants.status"), plain: true, kind: "fit", cell: ({ status }) => <Tag tone={status === "ACTIVE" ? "plain" : "bad"}>{t(`tenantStatus.${status}`)}</Tag> },
    { label: t("tenants.progress"), cell: (tenant) => <Progress tenant={tenant} /> },
    { label: t("tenants.since"), kind: "fit", cell: ({ createdAt }) => <When at={createdAt} /> },
  ];
  const rows = tenants.edges.map((edge) => edge.node);
  if (rows.length === 0) return <Empty icon="building" title={t(wanted ? "tenants.noneSuch.title" : "tenants.none.title")}><p>{t(wanted ? "tenants.noneSuch.text" : "tenants.none.text")}</p></Empty>;
  return (
    <>
      <Rows label={t("tenants.title")} rows={rows} id={(tenant) => tenant.id} columns={columns} />
      <Pager count={tenants.totalCount}
        first={search.after && <Link from="/partner/$partner/tenants" to="." search={{ search: search.search }}>{t("pager.first")}</Link>}
        next={tenants.pageInfo.hasNextPage && <Link from="/partner/$partner/tenants" to="." search={{ ...search, after: tenants.pageInfo.endCursor ?? undefined }}>{t("pager.more")}</Link>} />
    </>
  );
}

function Progress({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { total, enrolled } = tenant.enrollmentProgress;
  if (total === 0) return <Quiet>{t("tenants.noUsers")}</Quiet>;
  const text = t("rollout.ofUsers", { enrolled: formats.number(enrolled), total: formats.number(total) });
  return <div className={classes.meter}><Meter label={t("tenants.progressOf", { name: tenant.name })} value={enrolled} max={total} color="var(--allow)" text={text} /><Quiet>{text}</Quiet></div>;
}
