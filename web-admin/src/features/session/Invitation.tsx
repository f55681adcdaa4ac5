/** Behind the link of an invitation: a password, then an authenticator app, and one is in. */

import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { Mono } from "~/ui/bits";
import { CodeForm, complaintText } from "./CodeForm";
import classes from "./door.module.css";
import { useEnter } from "./SignIn";
import { Stage } from "./Stage";
import { acceptInvitation, type Accepted } from "./steps";

export function Invitation() {
  const { t } = useTranslation();
  // Behind the #, so that no server's log has it; and not in the address for longer than need be.
  const [token] = useState(() => window.location.hash.slice(1));
  const [accepted, setAccepted] = useState<Accepted>();
  useEffect(() => {
    document.title = `${t("invitation.title")} · ${t("brand.name")}`;
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [t]);
  return (
    <Stage>
      <Title order={2}>{t(accepted ? "invitation.app" : "invitation.title")}</Title>
      {accepted ? <SetUp accepted={accepted} /> : <PasswordForm token={token} onAccepted={setAccepted} />}
    </Stage>
  );
}

function PasswordForm({ token, onAccepted }: { token: string; onAccepted: (accepted: Accepted) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const accept = useMutation({ mutationFn: () => acceptInvitation(token, password, name.trim()), onSuccess: onAccepted });
  return (
    <form onSubmit={(event) => { event.preventDefault(); accept.mutate(); }}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">{t("invitation.text")}</Text>
        <TextInput label={t("invitation.name")} autoComplete="name" size="md" maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput label={t("invitation.password")} description={t("invitation.rule")} autoComplete="new-password" required size="md"
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }} />
        {accept.error && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(accept.error, t)}</Alert>}
        <Button type="submit" fullWidth size="md" loading={accept.isPending}>{t("invitation.go")}</Button>
      </Stack>
    </form>
  );
}

function SetUp({ accepted }: { accepted: Accepted }) {
  const { t } = useTranslation();
  const enter = useEnter();
  const method = { id: accepted.methodId, channel: "TOTP", destination: null };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">{t("invitation.scan")}</Text>
      <img className={classes.qr} alt={t("invitation.qr")} src={`data:image/svg+xml;utf8,${encodeURIComponent(accepted.qrCodeSvg)}`} />
      <Text size="sm">{t("invitation.secret")} <Mono>{accepted.secret}</Mono></Text>
      <CodeForm method={method} onIn={() => void enter()} onOver={() => window.location.assign("/sign-in")} />
    </Stack>
  );
}
