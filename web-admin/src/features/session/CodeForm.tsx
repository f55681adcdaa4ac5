/** The second step: a code of the method that was chosen. */

import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fault } from "~/api/faults";
import { complaintText, isOver } from "./complaints";
import { PasskeyForm } from "./PasskeyForm";
import { chooseMethod, giveCode, isHeld, type Method } from "./steps";

type Props = { method: Method; onIn: () => void; onOver: (fault: Fault) => void };

/** A passkey answers in the code's place. */
export function CodeForm(props: Props) {
  return props.method.channel === "PASSKEY" ? <PasskeyForm {...props} /> : <TypedCode {...props} />;
}

function TypedCode({ method, onIn, onOver }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const failed = (error: Error) => { if (isOver(error)) onOver(error); };
  const proof = useMutation({ mutationFn: () => giveCode(method.id, code.replace(/[\s-]/g, "")), onSuccess: onIn, onError: failed });
  const again = useMutation({ mutationFn: () => chooseMethod(method.id), onError: failed });
  const complaint = proof.error ?? again.error;
  return (
    <form onSubmit={(event) => { event.preventDefault(); proof.mutate(); }}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {isHeld(method.channel) ? t(`signIn.hint.${method.channel as "TOTP"}`) : t("signIn.hint.sent", { destination: method.destination ?? "" })}
        </Text>
        <TextInput label={t("signIn.code")} value={code} onChange={(event) => setCode(event.currentTarget.value)} size="lg"
          autoFocus autoComplete="one-time-code" inputMode={method.channel === "TOTP" ? "numeric" : "text"} required maxLength={32}
          error={complaint ? complaintText(complaint, t) : undefined} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", letterSpacing: "0.12em" } }} />
        <Button type="submit" fullWidth size="md" loading={proof.isPending}>{t("signIn.confirm")}</Button>
        {!isHeld(method.channel) && (
          <Button variant="subtle" onClick={() => again.mutate()} loading={again.isPending}>{t(again.isSuccess ? "signIn.sentAgain" : "signIn.sendAgain")}</Button>
        )}
      </Stack>
    </form>
  );
}

export { complaintText };
