/** Where one is signed in, and how to end it. */

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { browserOf } from "~/features/users/browser";
import { Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { endSessions, accountQuery, type OwnSession } from "./account";
import classes from "./account.module.css";

export function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const asked = useQuery(accountQuery);
  const [leaving, setLeaving] = useState<OwnSession | "others">();
  const end = useMutation({
    mutationFn: endSessions,
    onSuccess: () => { setLeaving(undefined); return client.invalidateQueries(accountQuery); },
  });
  const others = (asked.data?.sessions ?? []).some((session) => !session.isCurrent);
  const close = () => { end.reset(); setLeaving(undefined); };
  return (
    <Panel title={t("account.sessions")} hint={t("account.sessions.text")}
      actions={others && <Button size="xs" variant="default" onClick={() => setLeaving("others")}>{t("account.sessions.endOthers")}</Button>}>
      <Loaded asked={asked}>{({ sessions }) => (
        <ul className={classes.list}>{sessions.map((session) => <Line key={session.id} session={session} onEnd={() => setLeaving(session)} />)}</ul>
      )}</Loaded>
      {leaving && (
        <Confirm title={t(leaving === "others" ? "account.sessions.endOthers" : "account.sessions.end")} act={t("account.sessions.end.do")} danger busy={end.isPending} error={end.error}
          onClose={close} onConfirm={() => end.mutate(leaving === "others" ? { others: true } : { id: leaving.id })}>
          {t(leaving === "others" ? "account.sessions.endOthers.text" : "account.sessions.end.text")}
        </Confirm>
      )}
    </Panel>
  );
}

function Line({ session, onEnd }: { session: OwnSession; onEnd: () => void }) {
  const { t } = useTranslation();
  const browser = browserOf(session.userAgent) ?? t("user.devices.unknown");
  const place = [session.city, session.country].filter(Boolean).join(", ");
  return (
    <li className={classes.line}>
      <Icon name="device" size={20} />
      <div className={classes.about} title={session.userAgent ?? ""}>
        <strong>{browser}</strong> {session.isCurrent && <Tag tone="good">{t("account.sessions.this")}</Tag>}
        <div><Quiet>{[place, session.ipAddress].filter(Boolean).join(" · ")}</Quiet></div>
        <div><Quiet>{t("account.sessions.since")} <When at={session.createdAt} /> · {t("account.sessions.last")} <When at={session.lastSeenAt} relative /></Quiet></div>
      </div>
      {!session.isCurrent && <Button size="xs" variant="subtle" color="brick" onClick={onEnd} aria-label={t("account.sessions.endOf", { browser })}>{t("account.sessions.end.do")}</Button>}
    </li>
  );
}
