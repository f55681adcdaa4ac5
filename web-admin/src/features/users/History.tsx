/** What happened, newest first, each with the sentence that says why. */

import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Pending } from "~/features/logins/Challenges";
import { Reasons, useEnding, Whence } from "~/features/logins/words";
import { When } from "~/ui/bits";
import { Door } from "~/ui/Door";
import { Empty } from "~/ui/Loaded";
import { Pager } from "~/ui/Rows";
import classes from "./users.module.css";
import type { User } from "./words";

export function History({ logins }: { logins: User["logins"] }) {
  const { t } = useTranslation();
  const ending = useEnding();
  const { after } = useSearch({ from: "/t/$tenant/users/$user" });
  if (logins.edges.length === 0) return <Empty icon="login" title={t("user.history.none")} />;
  return (
    <>
      {logins.edges.map(({ node: login }) => (
        <Link key={login.id} from="/t/$tenant/users/$user" to="." search={{ after, login: login.id }} className={classes.login}>
          <Door outcome={login.outcome} size={18} />
          <span><strong>{t(`outcome.${login.outcome}`)}</strong> · {ending(login)}</span>
          <When at={login.createdAt} />
          <span className={classes.detail}>
            <Pending of={login.challenges} />
            <Reasons of={login.reasons} /> <Whence login={login} />.
            {login.riskSignals.length > 0 && <ul className={classes.signals}>{login.riskSignals.map((signal) => <li key={signal.kind}>{t(`signal.${signal.kind}`)}: {signal.detail}</li>)}</ul>}
          </span>
        </Link>
      ))}
      <Pager
        first={after && <Link from="/t/$tenant/users/$user" to="." search={{}}>{t("pager.newest")}</Link>}
        next={logins.pageInfo.hasNextPage && <Link from="/t/$tenant/users/$user" to="." search={{ after: logins.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
    </>
  );
}
