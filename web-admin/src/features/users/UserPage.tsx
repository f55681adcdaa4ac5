/** One person: what happened and why, what they can prove, and what the help desk can do. */

import { Alert, Drawer, Stack } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { pendingOf } from "~/features/logins/asked";
import { Follow } from "~/features/logins/Challenges";
import { LoginDetail } from "~/features/logins/LoginDetail";
import { RequestCard, useAnswers } from "~/features/requests/RequestCard";
import { UserDocument, type UserQuery } from "~/gql/generated/users";
import { When } from "~/ui/bits";
import { Icon } from "~/ui/Icon";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Actions } from "./Actions";
import { About } from "./About";
import { Codes } from "./Codes";
import { Devices } from "./Devices";
import { Factors } from "./Factors";
import { History } from "./History";
import classes from "./users.module.css";
import { EnrollmentTag, StatusTag, type User } from "./words";

/** While somebody is helped by phone, what they do is to be seen without asking for it: how a challenge goes on is told,
 * and what nothing tells of, such as another login, is looked for. */
const LOOK_MS = 8_000;

export function UserPage() {
  const { user } = useParams({ from: "/t/$tenant/users/$user" });
  // Anew for each person: nothing of one is ever seen on the page of another.
  return <Person key={user} id={user} />;
}

function Person({ id }: { id: string }) {
  const { t } = useTranslation();
  const { after } = useSearch({ from: "/t/$tenant/users/$user" });
  const asked = useAsk(UserDocument, { id, after: after ?? null }, { every: LOOK_MS });
  if (asked.data?.user) return <Found user={asked.data.user} tenant={asked.data.tenant} />;
  return (
    <Page title={t("user.title")}>
      <Panel>
        <Loaded asked={asked}>
          {() => <Empty icon="users" title={t("user.unknown.title")}><p>{t("user.unknown.text")}</p><Link from="/t/$tenant" to="/t/$tenant/users">{t("user.unknown.back")}</Link></Empty>}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Found({ user, tenant }: { user: User; tenant: UserQuery["tenant"] }) {
  const { t } = useTranslation();
  const { dialog, onAnswer } = useAnswers();
  const requests = tenant.temporaryAccessRequests.edges.map((edge) => edge.node).filter((request) => request.user.id === user.id);
  return (
    <Page title={user.displayName ?? user.externalId} mark={<span className={classes.marks}><EnrollmentTag state={user.enrollment} /><StatusTag status={user.status} /></span>}
      lead={[t(`kind.${user.kind}`), user.displayName && user.externalId, user.email].filter(Boolean).join(" · ")}
      actions={<Actions user={user} maxSeconds={tenant.policy.temporaryAccessMaxSeconds} returnUrls={tenant.returnUrls} />}>
      <Stack gap="md">
        {user.status === "LOCKED" && (
          <Alert color="brick" icon={<Icon name="warn" />} title={t("user.locked.title")}>
            {user.lockedUntil ? <>{t("user.locked.until")} <When at={user.lockedUntil} />.</> : t("user.locked.byPerson")}
          </Alert>
        )}
        {requests.map((request) => <RequestCard key={request.id} request={request} onAnswer={onAnswer} />)}
        <div className={classes.columns}>
          <Panel title={t("user.history")} hint={t("user.history.hint")} flush><History logins={user.logins} /></Panel>
          <Stack gap="md">
            <Panel title={t("user.factors")}><Factors user={user} /></Panel>
            <Panel title={t("user.about")}><About user={user} /></Panel>
            <Codes codes={user.temporaryAccessCodes} />
            <Devices user={user} />
          </Stack>
        </div>
      </Stack>
      <ShownLogin user={user} />
      <Follow challenges={pendingOf(user.logins.edges.map((edge) => edge.node))} />
      {dialog}
    </Page>
  );
}

function ShownLogin({ user }: { user: User }) {
  const { t } = useTranslation();
  const { login: shown, after } = useSearch({ from: "/t/$tenant/users/$user" });
  const navigate = useNavigate({ from: "/t/$tenant/users/$user" });
  const login = user.logins.edges.map((edge) => edge.node).find((login) => login.id === shown);
  return (
    <Drawer opened={login !== undefined} onClose={() => void navigate({ search: { after } })} position="right" size="lg"
      title={t("login.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {login && <LoginDetail login={login} />}
    </Drawer>
  );
}
