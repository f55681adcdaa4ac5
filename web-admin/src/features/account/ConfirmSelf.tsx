/** Both factors once more, before something dear is changed: a sign-in like any other, which goes on in the same
 * place with a new session. Whoever has the password at hand already is asked for the second factor alone. */

import { Alert, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeForm, complaintText } from "~/features/session/CodeForm";
import { MethodList } from "~/features/session/MethodList";
import { chooseMethod, givePassword, isHeld, type Method } from "~/features/session/steps";
import { Dialog } from "~/ui/Dialog";
import { Icon } from "~/ui/Icon";

type Props = { email: string; methods?: readonly Method[]; onDone: () => void; onClose: () => void };

const onlyHeld = (methods: readonly Method[] | undefined) => (methods?.length === 1 && methods[0] && isHeld(methods[0].channel) ? methods[0] : undefined);

export function ConfirmSelf({ email, methods: given, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const [methods, setMethods] = useState(given);
  const [method, setMethod] = useState(onlyHeld(given));
  const [over, setOver] = useState<Error>();
  const choose = useMutation({
    mutationFn: async (chosen: Method) => { if (!isHeld(chosen.channel)) await chooseMethod(chosen.id); return chosen; },
    onSuccess: setMethod,
  });
  const begin = (offered: readonly Method[]) => { setOver(undefined); setMethods(offered); setMethod(onlyHeld(offered)); };
  const anew = (why: Error) => { setMethods(undefined); setMethod(undefined); setOver(why); };
  return (
    <Dialog title={t("account.confirm")} onClose={onClose}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">{t("account.confirm.text")}</Text>
        {over && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(over, t)} {t("signIn.anew")}</Alert>}
        {!methods && <PasswordForm email={email} onBegun={begin} />}
        {methods && !method && <MethodList methods={methods} onChoose={(chosen) => choose.mutate(chosen)} busy={choose.isPending} error={choose.error} />}
        {method && <CodeForm method={method} onIn={onDone} onOver={anew} />}
      </Stack>
    </Dialog>
  );
}

function PasswordForm({ email, onBegun }: { email: string; onBegun: (methods: readonly Method[]) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const first = useMutation({ mutationFn: () => givePassword(email, password), onSuccess: ({ methods }) => onBegun(methods) });
  return (
    <form onSubmit={(event) => { event.preventDefault(); first.mutate(); }}>
      <Stack gap="md">
        <PasswordInput label={t("signIn.password")} autoComplete="current-password" required data-autofocus value={password}
          onChange={(event) => setPassword(event.currentTarget.value)} visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
          error={first.error ? complaintText(first.error, t) : undefined} />
        <Button type="submit" loading={first.isPending}>{t("signIn.go")}</Button>
      </Stack>
    </form>
  );
}
