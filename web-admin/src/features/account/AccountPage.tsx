/** One's own account, the same in all tenants: where one is signed in, and with what. */

import { Alert } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "~/features/session/session";
import { useSignOut } from "~/shell/Attended";
import { usePresence } from "~/shell/presence";
import { Icon } from "~/ui/Icon";
import { Mark } from "~/ui/Mark";
import { Page } from "~/ui/Page";
import classes from "./account.module.css";
import { Companies } from "./Companies";
import { Passkeys } from "./Passkeys";
import { Factors } from "./Factors";
import { Password } from "./Password";
import { Sessions } from "./Sessions";

export function AccountPage() {
  const { t } = useTranslation();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const signOut = useSignOut();
  usePresence(useCallback(() => void signOut("idle"), [signOut]));
  return (
    <div className={classes.frame}>
      <nav className={classes.bar} aria-label={t("nav.top")}>
        <Link to="/" className={classes.home}><Mark size={24} />{t("account.back")}</Link>
        <button type="button" className={classes.out} onClick={() => void signOut()}><Icon name="out" />{t("nav.signOut")}</button>
      </nav>
      <main id="main" className={classes.main}>
        <Page title={t("account.title")} lead={session.displayName ? `${session.displayName}, ${session.email}` : session.email}>
          {session.only ? (
            <Alert color="brass" icon={<Icon name="lock" />} title={t("account.only")}>{t("account.only.text")}</Alert>
          ) : (
            <div className={classes.parts}>
              <Sessions />
              <Companies email={session.email} />
              <Factors email={session.email} />
              <Passkeys email={session.email} />
              <Password email={session.email} />
            </div>
          )}
        </Page>
      </main>
    </div>
  );
}
