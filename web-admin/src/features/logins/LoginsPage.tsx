/** Every login, with what was decided and why. */

import { Drawer, Select } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { LoginsDocument, type LoginsQuery } from "~/gql/generated/logins";
import { OUTCOMES } from "~/search";
import { Quiet, When } from "~/ui/bits";
import { Outcome } from "~/ui/Door";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import classes from "~/ui/ui.module.css";
import { pendingOf } from "./asked";
import { Follow } from "./Challenges";
import { LoginDetail } from "./LoginDetail";
import { Reasons, Whence } from "./words";

type Login = LoginsQuery["tenant"]["logins"]["edges"][number]["node"];

export function LoginsPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/logins" });
  const navigate = useNavigate({ from: "/t/$tenant/logins" });
  const asked = useAsk(LoginsDocument, { after: search.after ?? null, filter: search.outcome ? { outcome: [search.outcome] } : null });
  return (
    <Page title={t("logins.title")} lead={t("logins.lead")}>
      <div className={classes.filters}>
        <Select label={t("logins.outcome")} placeholder={t("all")} clearable value={search.outcome ?? null}
          data={OUTCOMES.map((outcome) => ({ value: outcome, label: t(`outcome.${outcome}`) }))}
          onChange={(outcome) => void navigate({ search: { outcome: outcome ?? undefined } })} />
      </div>
      <Panel flush>
        <Loaded asked={asked}>{({ tenant }) => <List logins={tenant.logins} filtered={search.outcome !== undefined} shown={search.login} />}</Loaded>
      </Panel>
    </Page>
  );
}

type Props = { logins: LoginsQuery["tenant"]["logins"]; filtered: boolean; shown: string | undefined };

function List({ logins, filtered, shown }: Props) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/logins" });
  const navigate = useNavigate({ from: "/t/$tenant/logins" });
  const rows = logins.edges.map((edge) => edge.node);
  const open = rows.find((login) => login.id === shown);
  const columns: Column<Login>[] = [
    { label: t("logins.when"), plain: true, kind: "fit", cell: (login) => <Link from="/t/$tenant/logins" to="." search={{ ...search, login: login.id }}><When at={login.createdAt} /></Link> },
    { label: t("logins.outcome"), plain: true, kind: "fit", cell: (login) => <Outcome outcome={login.outcome} /> },
    { label: t("logins.user"), cell: (login) => <Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: login.user.id }}>{login.user.displayName ?? login.user.externalId}</Link> },
    { label: t("logins.why"), plain: true, cell: (login) => <Reasons of={login.reasons} /> },
    { label: t("logins.from"), cell: (login) => <Quiet><Whence login={login} /></Quiet> },
  ];
  if (rows.length === 0) {
    return <Empty icon="login" title={t(filtered ? "logins.noneSuch" : "logins.none.title")}>{!filtered && <p>{t("logins.none.text")}</p>}</Empty>;
  }
  return (
    <>
      <Rows label={t("logins.title")} rows={rows} id={(login) => login.id} columns={columns} />
      <Pager
        first={search.after && <Link from="/t/$tenant/logins" to="." search={{ ...search, after: undefined }}>{t("pager.newest")}</Link>}
        next={logins.pageInfo.hasNextPage && <Link from="/t/$tenant/logins" to="." search={{ ...search, after: logins.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
      <Drawer opened={open !== undefined} onClose={() => void navigate({ search: { ...search, login: undefined } })} position="right" size="lg"
        title={t("login.title")} closeButtonProps={{ "aria-label": t("close") }}>
        {open && <><LoginDetail login={open} /><Follow challenges={pendingOf([open])} /></>}
      </Drawer>
    </>
  );
}
