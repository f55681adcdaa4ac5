/** Who did what, and why. */

import { Button, Select, TextInput } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { AuditDocument, type AuditQuery } from "~/gql/generated/audit";
import { useMay } from "~/shell/scope";
import { Mono, Quiet, When } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import classes from "~/ui/ui.module.css";
import { ACTIONS, actorOf, detailOf, nameOf } from "./words";

type Log = AuditQuery["tenant"]["auditLog"];
type Entry = Log["edges"][number]["node"];

/** A day of the filter, as the moment at which it begins or ends in UTC. */
const startOf = (day: string | undefined) => (day ? `${day}T00:00:00Z` : undefined);
const endOf = (day: string | undefined) => (day ? new Date(new Date(`${day}T00:00:00Z`).getTime() + 86_400_000).toISOString() : undefined);

export function AuditPage() {
  const { t } = useTranslation();
  const { action, actor, from, to, after } = useSearch({ from: "/t/$tenant/audit" });
  const [start, end] = [startOf(from), endOf(to)];
  const filter = { ...(action ? { action: [action] } : {}), ...(actor ? { actor } : {}), ...(start ? { from: start } : {}), ...(end ? { to: end } : {}) };
  const asked = useAsk(AuditDocument, { after: after ?? null, filter });
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")}>
      <Filters />
      <Panel flush>
        <Loaded asked={asked}>{({ tenant }) => <List log={tenant.auditLog} filtered={Object.keys(filter).length > 0} />}</Loaded>
      </Panel>
    </Page>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/audit" });
  const navigate = useNavigate({ from: "/t/$tenant/audit" });
  const [actor, setActor] = useState(search.actor ?? "");
  useEffect(() => setActor(search.actor ?? ""), [search.actor]);
  const change = (changed: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...changed, after: undefined }) });
  return (
    <search>
      <form className={classes.filters} onSubmit={(event) => { event.preventDefault(); change({ actor: actor.trim() || undefined }); }}>
        <Select label={t("audit.action")} placeholder={t("all")} clearable searchable value={search.action ?? null} onChange={(action) => change({ action: action ?? undefined })}
          data={ACTIONS.map((action) => ({ value: action, label: nameOf(action, t) }))} />
        <TextInput className={classes.wide} label={t("audit.actor")} placeholder="admin:…, key:…, system" value={actor} onChange={(event) => setActor(event.currentTarget.value)} onBlur={() => { if (actor !== (search.actor ?? "")) change({ actor: actor.trim() || undefined }); }} />
        <TextInput type="date" label={t("audit.from")} value={search.from ?? ""} onChange={(event) => change({ from: event.currentTarget.value || undefined })} />
        <TextInput type="date" label={t("audit.to")} value={search.to ?? ""} onChange={(event) => change({ to: event.currentTarget.value || undefined })} />
        {Object.values(search).some(Boolean) && <Button variant="default" style={{ flex: "none" }} onClick={() => void navigate({ search: {} })}>{t("filters.clear")}</Button>}
      </form>
    </search>
  );
}

/** On whom or what; a person leads to the page about them. */
function Target({ of }: { of: string }) {
  const may = useMay();
  return of.startsWith("user_") && may("user") ? <Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: of }}>{of}</Link> : <>{of}</>;
}

function List({ log, filtered }: { log: Log; filtered: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const search = useSearch({ from: "/t/$tenant/audit" });
  const columns: Column<Entry>[] = [
    { label: t("audit.when"), plain: true, kind: "fit", cell: (entry) => <When at={entry.at} /> },
    { label: t("audit.actor"), plain: true, cell: (entry) => <Link from="/t/$tenant/audit" to="." search={{ ...search, actor: entry.actor, after: undefined }}>{actorOf(entry.actor)}</Link> },
    { label: t("audit.action"), plain: true, cell: (entry) => (
      <>
        {nameOf(entry.action, t)}
        {entry.target && <div className={classes.quiet}><Mono><Target of={entry.target} /></Mono></div>}
        {detailOf(entry.detail, formats).map((line) => <div key={line} className={classes.quiet}>{line}</div>)}
      </>
    ) },
    { label: t("audit.address"), cell: (entry) => entry.ipAddress ? <Mono>{entry.ipAddress}</Mono> : <Quiet>—</Quiet> },
  ];
  if (log.edges.length === 0) return <Empty icon="audit" title={t(filtered ? "audit.noneSuch" : "audit.none")} />;
  return (
    <>
      <Rows label={t("audit.title")} rows={log.edges.map((edge) => edge.node)} id={(entry) => entry.id} columns={columns} />
      <Pager
        first={search.after && <Link from="/t/$tenant/audit" to="." search={{ ...search, after: undefined }}>{t("pager.newest")}</Link>}
        next={log.pageInfo.hasNextPage && <Link from="/t/$tenant/audit" to="." search={{ ...search, after: log.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
    </>
  );
}
