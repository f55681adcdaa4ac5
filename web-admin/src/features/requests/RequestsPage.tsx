/** Who waits for help, and who did. */

import { Switch } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { RequestsDocument, type RequestsQuery } from "~/gql/generated/requests";
import { useLookForRequests } from "~/shell/waiting";
import { Quiet, Tag, When } from "~/ui/bits";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import { RequestCard, useAnswers } from "./RequestCard";
import classes from "./requests.module.css";

type Requests = RequestsQuery["tenant"]["temporaryAccessRequests"];
type Request = Requests["edges"][number]["node"];

export function RequestsPage() {
  const { t } = useTranslation();
  const { all, after } = useSearch({ from: "/t/$tenant/requests" });
  const navigate = useNavigate({ from: "/t/$tenant/requests" });
  const { dialog, onAnswer } = useAnswers();
  const every = useLookForRequests();
  const asked = useAsk(RequestsDocument, { open: all ? null : true, after: after ?? null }, { every: all ? false : every });
  return (
    <Page title={t("requests.title")} lead={t("requests.lead")}
      actions={<Switch label={t("requests.all")} checked={all ?? false} onChange={(event) => void navigate({ search: { all: event.currentTarget.checked || undefined } })} />}>
      <Loaded asked={asked}>{({ tenant }) => (all ? <All requests={tenant.temporaryAccessRequests} /> : <Open requests={tenant.temporaryAccessRequests} onAnswer={onAnswer} />)}</Loaded>
      {dialog}
    </Page>
  );
}

function Open({ requests, onAnswer }: { requests: Requests; onAnswer: ReturnType<typeof useAnswers>["onAnswer"] }) {
  const { t } = useTranslation();
  if (requests.edges.length === 0) return <Panel><Empty icon="bell" title={t("requests.none.title")}><p>{t("requests.none.text")}</p></Empty></Panel>;
  return <div className={classes.cards}>{requests.edges.map(({ node }) => <RequestCard key={node.id} request={node} onAnswer={onAnswer} />)}</div>;
}

function All({ requests }: { requests: Requests }) {
  const { t } = useTranslation();
  const columns: Column<Request>[] = [
    { label: t("requests.who"), plain: true, cell: ({ user }) => <Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: user.id }}>{user.displayName ?? user.externalId}</Link> },
    { label: t("requests.when"), plain: true, kind: "fit", cell: (request) => <When at={request.createdAt} /> },
    { label: t("requests.note"), plain: true, cell: (request) => request.note ?? <Quiet>—</Quiet> },
    { label: t("requests.state"), plain: true, kind: "fit", cell: ({ status }) => <Tag tone={status === "OPEN" ? "care" : status === "APPROVED" ? "good" : "plain"}>{t(`requestStatus.${status}`)}</Tag> },
    { label: t("requests.by"), cell: (request) => request.answeredBy?.replace(/^admin:/, "") ?? "" },
  ];
  if (requests.edges.length === 0) return <Panel><Empty icon="bell" title={t("requests.never.title")} /></Panel>;
  return (
    <Panel flush>
      <Rows label={t("requests.title")} rows={requests.edges.map((edge) => edge.node)} id={(request) => request.id} columns={columns} />
      <Pager first={false} next={requests.pageInfo.hasNextPage && <Link from="/t/$tenant/requests" to="." search={{ all: true, after: requests.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
    </Panel>
  );
}
