/** The second step by a passkey: what is asked of it is fetched when the button is pressed, and good for one answer. */

import { Alert, Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Fault } from "~/api/faults";
import { Icon } from "~/ui/Icon";
import { complaintText, isOver } from "./complaints";
import { chooseMethod, giveCredential, type Method } from "./steps";
import { hasPasskeys, provePasskey } from "./webauthn";

type Props = { method: Method; onIn: () => void; onOver: (fault: Fault) => void };

async function prove(method: Method): Promise<boolean> {
  const asked = await chooseMethod(method.id);
  const options = asked.next === "code" ? asked.requestOptions : undefined;
  const credential = options ? await provePasskey(options) : null;
  if (!credential) return false;
  await giveCredential(method.id, credential);
  return true;
}

export function PasskeyForm({ method, onIn, onOver }: Props) {
  const { t } = useTranslation();
  const proof = useMutation({
    mutationFn: () => prove(method),
    onSuccess: (proved) => { if (proved) onIn(); },
    onError: (error) => { if (isOver(error)) onOver(error); },
  });
  if (!hasPasskeys()) return <Alert color="brass" icon={<Icon name="warn" />}>{t("passkey.unable")}</Alert>;
  const wrong = proof.error ? (proof.error instanceof Fault && proof.error.code === "WRONG_CODE" ? t("passkey.wrong") : complaintText(proof.error, t)) : proof.data === false ? t("passkey.failed") : null;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">{t("passkey.hint")}</Text>
      {wrong && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{wrong}</Alert>}
      <Button fullWidth size="md" data-autofocus autoFocus loading={proof.isPending} onClick={() => proof.mutate()}>{t("passkey.use")}</Button>
    </Stack>
  );
}
