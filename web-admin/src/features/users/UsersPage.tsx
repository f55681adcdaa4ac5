/** The people whose logins are protected: found by name, key or address. */

import { Button, Select, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { UsersDocument, type UsersQuery } from "~/gql/generated/users";
import { ENROLLMENTS, KINDS, STATUSES } from "~/search";
import { useMay } from "~/shell/scope";
import { Quiet } from "~/ui/bits";
import { Icon } from "~/ui/Icon";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import { useTyped } from "~/ui/typed";
import classes from "~/ui/ui.module.css";
import { AddUser } from "./AddUser";
import { EnrollmentTag, FactorIcons, StatusTag } from "./words";

type Users = UsersQuery["tenant"]["users"];
type User = Users["edges"][number]["node"];

export function UsersPage() {
  const { t } = useTranslation();
  const may = useMay();
  const [adding, add] = useDisclosure(false);
  const { search, after, kind, enrollment, status } = useSearch({ from: "/t/$tenant/users" });
  const filter = { ...(kind ? { kind } : {}), ...(enrollment ? { enrollment: [enrollment] } : {}), ...(status ? { status } : {}) };
  const asked = useAsk(UsersDocument, { search: search ?? null, after: after ?? null, filter });
  return (
    <Page title={t("users.title")} lead={t("users.lead")}
      actions={may("upsertUser") && <Button variant="default" leftSection={<Icon name="plus" />} onClick={add.open}>{t("users.add")}</Button>}>
      <Filters />
      <Panel flush>
        <Loaded asked={asked}>{({ tenant }) => <List users={tenant.users} wanted={Boolean(search ?? kind ?? enrollment ?? status)} />}</Loaded>
      </Panel>
      {adding && <AddUser onClose={add.close} />}
    </Page>
  );
}

function Filters() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/users" });
  const navigate = useNavigate({ from: "/t/$tenant/users" });
  const change = (changed: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...changed, after: undefined }), replace: true });
  const [typed, setTyped] = useTyped(search.search, (search) => change({ search }));
  return (
    <search className={classes.filters}>
      <TextInput className={classes.wide} label={t("users.search")} placeholder={t("users.search.hint")} leftSection={<Icon name="search" />} type="search"
        value={typed} onChange={(event) => setTyped(event.currentTarget.value)} autoFocus maxLength={200} />
      <Select label={t("users.kind")} placeholder={t("all")} clearable value={search.kind ?? null} onChange={(kind) => change({ kind: kind ?? undefined })}
        data={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
      <Select label={t("users.enrollment")} placeholder={t("all")} clearable value={search.enrollment ?? null} onChange={(enrollment) => change({ enrollment: enrollment ?? undefined })}
        data={ENROLLMENTS.map((state) => ({ value: state, label: t(`enrollment.${state}`) }))} />
      <Select label={t("users.status")} placeholder={t("all")} clearable value={search.status ?? null} onChange={(status) => change({ status: status ?? undefined })}
        data={STATUSES.map((status) => ({ value: status, label: t(`userStatus.${status}`) }))} />
    </search>
  );
}

function List({ users, wanted }: { users: Users; wanted: boolean }) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/users" });
  const columns: Column<User>[] = [
    { label: t("users.name"), plain: true, cell: (user) => (
      <>
        <Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: user.id }}>{user.displayName ?? user.externalId}</Link>
        <div className={classes.quiet}>{[user.displayName && user.externalId, user.email].filter(Boolean).join(" · ")}</div>
      </>
    ) },
    { label: t("users.kind"), plain: true, cell: (user) => t(`kind.${user.kind}`) },
    { label: t("users.enrollment"), plain: true, kind: "fit", cell: (user) => <EnrollmentTag state={user.enrollment} /> },
    { label: t("users.factors"), cell: (user) => user.factors.length > 0 ? <FactorIcons factors={user.factors} /> : <Quiet>{t("none")}</Quiet> },
    { label: t("users.level"), cell: (user) => t(`level.${user.securityLevel}`) },
    { label: t("users.status"), plain: true, kind: "fit", cell: (user) => <StatusTag status={user.status} /> },
  ];
  const rows = users.edges.map((edge) => edge.node);
  if (rows.length === 0) {
    return <Empty icon="users" title={t(wanted ? "users.noneSuch.title" : "users.none.title")}><p>{t(wanted ? "users.noneSuch.text" : "users.none.text")}</p></Empty>;
  }
  return (
    <>
      <Rows label={t("users.title")} rows={rows} id={(user) => user.id} columns={columns} />
      <Pager count={users.totalCount}
        first={search.after && <Link from="/t/$tenant/users" to="." search={{ ...search, after: undefined }}>{t("pager.newest")}</Link>}
        next={users.pageInfo.hasNextPage && <Link from="/t/$tenant/users" to="." search={{ ...search, after: users.pageInfo.endCursor ?? undefined }}>{t("pager.more")}</Link>} />
    </>
  );
}
