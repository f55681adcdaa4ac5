/** One's passkeys: as second factor of the console they cannot be phished. */

import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Fault } from "~/api/faults";
import { complaintText } from "~/features/session/complaints";
import { hasPasskeys, makePasskey } from "~/features/session/webauthn";
import { Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { beginPasskey, finishPasskey, passkeysQuery, removePasskey, type OwnPasskey } from "./account";
import classes from "./account.module.css";
import { ConfirmSelf } from "./ConfirmSelf";

const wantsProof = (error: Error | null) => error instanceof Fault && error.code === "VERIFICATION_REQUIRED";

export function Passkeys({ email }: { email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const asked = useQuery(passkeysQuery);
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<OwnPasskey>();
  const again = () => client.invalidateQueries(passkeysQuery);
  const remove = useMutation({ mutationFn: (passkey: OwnPasskey) => removePasskey(passkey.id), onSuccess: () => { setLeaving(undefined); return again(); } });
  const close = () => { remove.reset(); setLeaving(undefined); };
  return (
    <Panel title={t("account.passkeys")} hint={t("account.passkeys.text")}
      actions={hasPasskeys() && <Button size="xs" variant="default" onClick={() => setAdding(true)}>{t("account.passkeys.add")}</Button>}>
      <Loaded asked={asked}>{(passkeys) => passkeys.length === 0
        ? <Quiet>{t(hasPasskeys() ? "account.passkeys.none" : "passkey.unable")}</Quiet>
        : <ul className={classes.list}>{passkeys.map((passkey) => <Line key={passkey.id} passkey={passkey} onRemove={() => setLeaving(passkey)} />)}</ul>}
      </Loaded>
      {adding && <Add email={email} onClose={() => setAdding(false)} onAdded={() => { setAdding(false); void again(); }} />}
      {leaving && wantsProof(remove.error) && <ConfirmSelf email={email} onClose={close} onDone={() => remove.mutate(leaving)} />}
      {leaving && !wantsProof(remove.error) && (
        <Confirm title={t("account.passkeys.remove", { name: leaving.name })} act={t("remove")} danger busy={remove.isPending} error={remove.error} onClose={close} onConfirm={() => remove.mutate(leaving)}>
          {t("account.passkeys.remove.text")}
        </Confirm>
      )}
    </Panel>
  );
}

function Line({ passkey, onRemove }: { passkey: OwnPasskey; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <li className={classes.line}>
      <Icon name="key" size={20} />
      <div className={classes.about}>
        <strong>{passkey.name}</strong> {passkey.isDisabled && <Tag tone="care">{t("factorStatus.DISABLED")}</Tag>}
        <div><Quiet>{t("account.passkeys.since")} <When at={passkey.createdAt} />{passkey.lastUsedAt && <> · {t("account.sessions.last")} <When at={passkey.lastUsedAt} relative /></>}</Quiet></div>
      </div>
      <Button size="xs" variant="subtle" color="brick" onClick={onRemove} aria-label={t("account.passkeys.remove", { name: passkey.name })}>{t("remove")}</Button>
    </li>
  );
}

async function add(name: string): Promise<boolean> {
  const begun = await beginPasskey(name);
  const credential = await makePasskey(begun.creationOptions);
  if (credential) await finishPasskey(begun.id, credential);
  return credential !== null;
}

function Add({ email, onClose, onAdded }: { email: string; onClose: () => void; onAdded: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const making = useMutation({ mutationFn: () => add(name.trim()), onSuccess: (made) => { if (made) onAdded(); } });
  if (wantsProof(making.error)) return <ConfirmSelf email={email} onClose={onClose} onDone={() => making.reset()} />;
  const wrong = making.error ? complaintText(making.error, t) : making.data === false ? t("passkey.failed") : null;
  return (
    <Dialog title={t("account.passkeys.add")} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); making.mutate(); }}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">{t("account.passkeys.add.text")}</Text>
          <TextInput label={t("account.passkeys.name")} placeholder={t("account.passkeys.example")} required maxLength={100} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
          {wrong && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{wrong}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={making.isPending}>{t("account.passkeys.go")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
