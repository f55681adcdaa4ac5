/** Signing in: email and password, then a second factor. */

import { Alert, Button, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { homeIn } from "~/shell/places";
import { Icon } from "~/ui/Icon";
import { keepBack } from "./byCompany";
import { CodeForm, complaintText } from "./CodeForm";
import { MethodList } from "./MethodList";
import { safeReturn, sessionQuery } from "./session";
import { Stage } from "./Stage";
import { chooseMethod, givePassword, isHeld, type Method } from "./steps";

export function useEnter() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (back?: string) => {
    const session = await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    await navigate({ href: safeReturn(back) ?? homeIn(session) ?? "/", replace: true });
  };
}

export function SignIn() {
  const { t } = useTranslation();
  const { back, why } = useSearch({ from: "/sign-in" });
  const enter = useEnter();
  const [methods, setMethods] = useState<Method[]>();
  const [method, setMethod] = useState<Method>();
  const [over, setOver] = useState<Error>();
  useEffect(() => { document.title = `${t("signIn.title")} · ${t("brand.name")}`; }, [t]);

  const choose = useMutation({
    mutationFn: async (chosen: Method) => { if (!isHeld(chosen.channel)) await chooseMethod(chosen.id); return chosen; },
    onSuccess: setMethod,
  });
  const begin = (offered: Method[]) => {
    setOver(undefined);
    setMethods(offered);
    const [only] = offered;
    if (only && offered.length === 1 && isHeld(only.channel)) setMethod(only);
  };
  const anew = (why?: Error) => { setMethods(undefined); setMethod(undefined); setOver(why); };

  return (
    <Stage>
      <Title order={2}>{t(method ? "signIn.second" : methods ? "signIn.choose" : "signIn.title")}</Title>
      <Stack gap="md">
        {why && !methods && !over && <Alert color="brass" icon={<Icon name="clock" />}>{t(`signIn.why.${why}`)}</Alert>}
        {over && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(over, t)} {t("signIn.anew")}</Alert>}
        {!methods && <PasswordForm onBegun={begin} />}
        {!methods && <Button variant="default" size="md" leftSection={<Icon name="building" />} component={Link} to="/sign-in/company" onClick={() => keepBack(back)}>{t("company.go")}</Button>}
        {!methods && <Button variant="subtle" color="gray" component={Link} to="/forgotten">{t("signIn.forgotten")}</Button>}
        {methods && !method && <MethodList methods={methods} onChoose={(chosen) => choose.mutate(chosen)} busy={choose.isPending} error={choose.error} />}
        {method && <CodeForm method={method} onIn={() => void enter(back)} onOver={anew} />}
        {method && methods && methods.length > 1 && <Button variant="subtle" onClick={() => setMethod(undefined)}>{t("signIn.otherWay")}</Button>}
        {methods && <Button variant="subtle" color="gray" onClick={() => anew()}>{t("signIn.back")}</Button>}
      </Stack>
    </Stage>
  );
}

function PasswordForm({ onBegun }: { onBegun: (methods: Method[]) => void }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const first = useMutation({ mutationFn: () => givePassword(email.trim(), password), onSuccess: ({ methods }) => onBegun(methods) });
  return (
    <form onSubmit={(event) => { event.preventDefault(); first.mutate(); }}>
      <Stack gap="md">
        <TextInput label={t("signIn.email")} type="email" autoComplete="username" required autoFocus size="md" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
        <PasswordInput label={t("signIn.password")} autoComplete="current-password" required size="md" value={password}
          onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }} />
        {first.error && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(first.error, t)}</Alert>}
        <Button type="submit" fullWidth size="md" loading={first.isPending}>{t("signIn.go")}</Button>
      </Stack>
    </form>
  );
}
