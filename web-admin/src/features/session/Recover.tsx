/** Behind the link for a new password: the password, then a second factor, and one is in. */

import { Alert, Button, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { CodeForm, complaintText } from "./CodeForm";
import { MethodList } from "./MethodList";
import { useEnter } from "./SignIn";
import { Stage } from "./Stage";
import { chooseMethod, isHeld, recover, type Method } from "./steps";

export function Recover() {
  const { t } = useTranslation();
  const enter = useEnter();
  // Behind the #, so that no server's log has it; and not in the address for longer than need be.
  const [token] = useState(() => window.location.hash.slice(1));
  const [methods, setMethods] = useState<Method[]>();
  const [method, setMethod] = useState<Method>();
  const [over, setOver] = useState<Error>();
  useEffect(() => {
    document.title = `${t("recover.title")} · ${t("brand.name")}`;
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [t]);
  const choose = useMutation({
    mutationFn: async (chosen: Method) => { if (!isHeld(chosen.channel)) await chooseMethod(chosen.id); return chosen; },
    onSuccess: setMethod,
  });
  const begin = (offered: Method[]) => {
    setMethods(offered);
    const [only] = offered;
    if (only && offered.length === 1 && isHeld(only.channel)) setMethod(only);
  };
  return (
    <Stage>
      <Title order={2}>{t(method ? "signIn.second" : methods ? "signIn.choose" : "recover.title")}</Title>
      <Stack gap="md">
        {over && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(over, t)} {t("recover.anew")}</Alert>}
        {!over && !methods && <PasswordForm token={token} onBegun={begin} />}
        {!over && methods && !method && <MethodList methods={methods} onChoose={(chosen) => choose.mutate(chosen)} busy={choose.isPending} error={choose.error} />}
        {!over && method && <CodeForm method={method} onIn={() => void enter()} onOver={setOver} />}
        {over && <Button component={Link} to="/forgotten" variant="default">{t("recover.again")}</Button>}
      </Stack>
    </Stage>
  );
}

function PasswordForm({ token, onBegun }: { token: string; onBegun: (methods: Method[]) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const first = useMutation({ mutationFn: () => recover(token, password), onSuccess: ({ methods }) => onBegun(methods) });
  return (
    <form onSubmit={(event) => { event.preventDefault(); first.mutate(); }}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">{t("recover.text")}</Text>
        <PasswordInput label={t("account.password.new")} description={t("invitation.rule")} autoComplete="new-password" required autoFocus size="md"
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }} />
        {first.error && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(first.error, t)}</Alert>}
        <Button type="submit" fullWidth size="md" loading={first.isPending}>{t("signIn.go")}</Button>
      </Stack>
    </form>
  );
}
