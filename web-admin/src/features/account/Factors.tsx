/** One's app and backup codes. */

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { complaintText } from "~/features/session/CodeForm";
import door from "~/features/session/door.module.css";
import { Copy, Mono, Quiet, When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { beginApp, confirmApp, accountQuery, newBackupCodes, type NewApp, type Account } from "./account";
import classes from "./account.module.css";
import { ConfirmSelf } from "./ConfirmSelf";
import { useFresh } from "./fresh";

export function Factors({ email }: { email: string }) {
  const { t } = useTranslation();
  const asked = useQuery(accountQuery);
  return (
    <Panel title={t("account.factors")} hint={t("account.factors.text")}>
      <Loaded asked={asked}>{({ app, backupCodes }) => (
        <ul className={classes.list}>
          <App app={app} email={email} />
          <Codes left={backupCodes} email={email} />
        </ul>
      )}</Loaded>
    </Panel>
  );
}

function App({ app, email }: { app: Account["app"]; email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [setting, setSetting] = useState<NewApp>();
  const begin = useFresh(beginApp, setSetting);
  const close = () => { setSetting(undefined); void client.invalidateQueries(accountQuery); };
  return (
    <li className={classes.line}>
      <Icon name="app" size={20} />
      <div className={classes.about}>
        <strong>{t("account.app")}</strong>
        <div><Quiet>{app ? <>{t("account.app.since")} <When at={app.createdAt} /></> : t("account.app.none")}</Quiet></div>
        <Failure error={begin.error} />
      </div>
      <Button size="xs" variant="default" onClick={() => begin.run(undefined)} loading={begin.busy}>{t("account.app.another")}</Button>
      {begin.asks && <ConfirmSelf email={email} onDone={begin.confirmed} onClose={begin.dropped} />}
      {setting && <SetUp app={setting} onClose={close} />}
    </li>
  );
}

function SetUp({ app, onClose }: { app: NewApp; onClose: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const confirm = useFresh((typed: string) => confirmApp(app.methodId, typed), onClose);
  return (
    <Dialog title={t("account.app.another")} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); confirm.run(code.replace(/[\s-]/g, "")); }}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">{t("account.app.scan")}</Text>
          <img className={door.qr} alt={t("invitation.qr")} src={`data:image/svg+xml;utf8,${encodeURIComponent(app.qrCodeSvg)}`} />
          <Text size="sm">{t("invitation.secret")} <Mono>{app.secret}</Mono></Text>
          <TextInput label={t("signIn.code")} value={code} onChange={(event) => setCode(event.currentTarget.value)} autoComplete="one-time-code" inputMode="numeric" required maxLength={16}
            error={confirm.error ? complaintText(confirm.error, t) : undefined} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={confirm.busy}>{t("account.app.do")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Codes({ left, email }: { left: number; email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>();
  const make = useFresh(newBackupCodes, (made) => { setCodes(made.codes); return client.invalidateQueries(accountQuery); });
  return (
    <li className={classes.line}>
      <Icon name="codes" size={20} />
      <div className={classes.about}>
        <strong>{t("account.codes")}</strong>
        <div><Quiet>{left > 0 ? t("account.codes.left", { count: left }) : t("account.codes.none")}</Quiet></div>
        <Failure error={make.error} />
      </div>
      <Button size="xs" variant="default" onClick={() => make.run(undefined)} loading={make.busy}>{t(left > 0 ? "account.codes.again" : "account.codes.do")}</Button>
      {make.asks && <ConfirmSelf email={email} onDone={make.confirmed} onClose={make.dropped} />}
      {codes && <Shown codes={codes} onClose={() => setCodes(undefined)} />}
    </li>
  );
}

function Shown({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("account.codes")} onClose={onClose}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">{t("account.codes.text")}</Text>
        <ul className={classes.codes}>{codes.map((code) => <li key={code}><Mono>{code}</Mono></li>)}</ul>
        <Group justify="space-between">
          <Copy value={codes.join("\n")} label={t("account.codes.copy")} />
          <Button onClick={onClose}>{t("account.codes.kept")}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
