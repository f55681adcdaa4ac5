/** What was sent, and what became of it. */

import { Drawer, Select } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { MessagesDocument, type MessagesQuery } from "~/gql/generated/messages";
import { MESSAGE_CHANNELS, MESSAGE_STATUSES } from "~/search";
import { Quiet, When } from "~/ui/bits";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import classes from "~/ui/ui.module.css";
import { Blocked } from "./Blocked";
import { MessageDetail } from "./MessageDetail";
import { ChannelName, StatusTag, type Message } from "./words";

export function MessagesPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/messages" });
  const navigate = useNavigate({ from: "/t/$tenant/messages" });
  const filter = { ...(search.channel ? { channel: [search.channel] } : {}), ...(search.status ? { status: [search.status] } : {}) };
  const asked = useAsk(MessagesDocument, { after: search.after ?? null, filter });
  return (
    <Page title={t("messages.title")} lead={t("messages.lead")}>
      <div className={classes.filters}>
        <Select label={t("messages.channel")} placeholder={t("all")} clearable value={search.channel ?? null}
          data={MESSAGE_CHANNELS.map((channel) => ({ value: channel, label: t(`channel.${channel}`) }))}
          onChange={(channel) => void navigate({ search: { ...search, channel: channel ?? undefined, after: undefined } })} />
        <Select label={t("messages.status")} placeholder={t("all")} clearable value={search.status ?? null}
          data={MESSAGE_STATUSES.map((status) => ({ value: status, label: t(`messageStatus.${status}`) }))}
          onChange={(status) => void navigate({ search: { ...search, status: status ?? undefined, after: undefined } })} />
      </div>
      {asked.data && <Blocked prefixes={asked.data.tenant.blockedPrefixes} />}
      <Panel flush>
        <Loaded asked={asked}>{({ tenant }) => <List messages={tenant.messages} filtered={Boolean(search.channel ?? search.status)} />}</Loaded>
      </Panel>
    </Page>
  );
}

function List({ messages, filtered }: { messages: MessagesQuery["tenant"]["messages"]; filtered: boolean }) {
  const { t } = useTranslation();
  const search = useSearch({ from: "/t/$tenant/messages" });
  const navigate = useNavigate({ from: "/t/$tenant/messages" });
  const rows = messages.edges.map((edge) => edge.node);
  const open = rows.find((message) => message.id === search.message);
  const columns: Column<Message>[] = [
    { label: t("messages.when"), plain: true, kind: "fit", cell: (message) => <Link from="/t/$tenant/messages" to="." search={{ ...search, message: message.id }}><When at={message.createdAt} /></Link> },
    { label: t("messages.channel"), plain: true, kind: "fit", cell: (message) => <ChannelName channel={message.channel} /> },
    { label: t("messages.purpose"), plain: true, cell: (message) => t(`messagePurpose.${message.purpose}`) },
    { label: t("messages.to"), plain: true, cell: (message) => message.destination || <Quiet>{t("messages.erased")}</Quiet> },
    { label: t("messages.status"), plain: true, kind: "fit", cell: (message) => <StatusTag status={message.status} /> },
    { label: t("messages.note"), plain: true, cell: (message) => <Quiet>{message.failure ?? message.provider}</Quiet> },
  ];
  if (rows.length === 0) return <Empty icon="messages" title={t(filtered ? "messages.noneSuch" : "messages.none.title")}>{!filtered && <p>{t("messages.none.text")}</p>}</Empty>;
  return (
    <>
      <Rows label={t("messages.title")} rows={rows} id={(message) => message.id} columns={columns} />
      <Pager
        first={search.after && <Link from="/t/$tenant/messages" to="." search={{ ...search, after: undefined }}>{t("pager.newest")}</Link>}
        next={messages.pageInfo.hasNextPage && <Link from="/t/$tenant/messages" to="." search={{ ...search, after: messages.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
      <Drawer opened={open !== undefined} onClose={() => void navigate({ search: { ...search, message: undefined } })} position="right" size="md"
        title={t("message.title")} closeButtonProps={{ "aria-label": t("close") }}>
        {open && <MessageDetail message={open} />}
      </Drawer>
    </>
  );
}
