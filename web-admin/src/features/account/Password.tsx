/** Another password. */

import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault } from "~/api/faults";
import { complaintText } from "~/features/session/CodeForm";
import { givePassword, type Method } from "~/features/session/steps";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import { changePassword, accountQuery } from "./account";
import classes from "./account.module.css";
import { ConfirmSelf } from "./ConfirmSelf";

export function Password({ email }: { email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [methods, setMethods] = useState<readonly Method[]>();
  const change = useMutation({
    mutationFn: () => changePassword(current, fresh),
    onSuccess: () => { setCurrent(""); setFresh(""); return client.invalidateQueries(accountQuery); },
    onError: (error) => { if (error instanceof Fault && error.code === "VERIFICATION_REQUIRED") confirm.mutate(); },
  });
  // The password is there already: what is left is the second factor.
  const confirm = useMutation({ mutationFn: () => givePassword(email, current), onSuccess: (step) => setMethods(step.methods) });
  const needsProof = change.error instanceof Fault && change.error.code === "VERIFICATION_REQUIRED";
  const wrong = confirm.error ?? (needsProof ? null : change.error);
  const toggle = { "aria-label": t("signIn.showPassword") };
  return (
    <Panel title={t("account.password")} hint={t("account.password.text")}>
      <form className={classes.form} onSubmit={(event) => { event.preventDefault(); confirm.reset(); change.mutate(); }}>
        <Stack gap="md">
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <PasswordInput label={t("account.password.current")} autoComplete="current-password" required value={current} onChange={(event) => setCurrent(event.currentTarget.value)} visibilityToggleButtonProps={toggle} />
          <PasswordInput label={t("account.password.new")} description={t("invitation.rule")} autoComplete="new-password" required value={fresh} onChange={(event) => setFresh(event.currentTarget.value)} visibilityToggleButtonProps={toggle} />
          {wrong && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(wrong, t)}</Alert>}
          {change.isSuccess && <Alert color="patina" icon={<Icon name="check" />} role="status">{t("account.password.done")}</Alert>}
          <Button type="submit" loading={change.isPending || confirm.isPending} style={{ justifySelf: "start", alignSelf: "flex-start" }}>{t("account.password.do")}</Button>
        </Stack>
      </form>
      {methods && <ConfirmSelf email={email} methods={methods} onClose={() => setMethods(undefined)} onDone={() => { setMethods(undefined); change.mutate(); }} />}
    </Panel>
  );
}
