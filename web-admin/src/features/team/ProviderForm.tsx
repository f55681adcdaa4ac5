/** The identity provider as it is to be. */

import { Alert, Button, Group, PasswordInput, Select, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { SetProviderDocument } from "~/gql/generated/team";
import { Copy, Mono } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import { Icon } from "~/ui/Icon";
import type { Known } from "./Provider";
import { draftOf, inputOf, RULES, type Draft } from "./providerDraft";

export function ProviderForm({ provider, redirectUri, onClose }: { provider: Known | null; redirectUri: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(provider));
  const set = useTell(SetProviderDocument, () => { notifications.show({ message: t("provider.saved") }); onClose(); });
  const refusal = set.error instanceof Refusal ? set.error : undefined;
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  const field = (name: "issuer" | "clientId" | "clientSecret" | "domains" | "acrValues") => ({
    value: draft[name], error: refusal?.about(name), onChange: (event: { currentTarget: { value: string } }) => change({ [name]: event.currentTarget.value }),
  });
  const trusts = draft.secondFactor === "IDENTITY_PROVIDER";
  return (
    <Dialog onClose={onClose} title={t("provider.title")} size="lg">
      <form onSubmit={(event) => { event.preventDefault(); set.mutate({ input: inputOf(draft) }); }}>
        <Stack>
          <div>
            <Text size="sm" fw={600}>{t("provider.redirectUri")}</Text>
            <Text size="xs" c="dimmed" mb={4}>{t("provider.redirectUri.hint")}</Text>
            <Group gap={4} wrap="nowrap"><span style={{ overflowWrap: "anywhere" }}><Mono>{redirectUri}</Mono></span><Copy value={redirectUri} label={t("copy.of", { what: t("provider.redirectUri") })} /></Group>
          </div>
          <TextInput label={t("provider.issuer")} description={t("provider.issuer.hint")} placeholder="https://" type="url" required data-autofocus {...field("issuer")} />
          <TextInput label={t("provider.clientId")} required {...field("clientId")} />
          <PasswordInput label={t("provider.clientSecret")} autoComplete="off" required={!provider} {...(provider ? { description: t("provider.clientSecret.hint") } : {})} {...field("clientSecret")} visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }} />
          <Textarea label={t("provider.domains")} description={t("provider.domains.hint")} placeholder="example.com" required autosize minRows={2} {...field("domains")} />
          <Select label={t("provider.secondFactor")} allowDeselect={false} data={RULES.map((rule) => ({ value: rule, label: t(`provider.secondFactor.${rule}`) }))} value={draft.secondFactor}
            onChange={(rule) => change({ secondFactor: RULES.find((one) => one === rule) ?? "POSTERN" })} comboboxProps={{ withinPortal: false }} />
          {trusts && <Alert color="brass" icon={<Icon name="warn" />}>{t("provider.secondFactor.trust")}</Alert>}
          {trusts && <Textarea label={t("provider.acrValues")} description={t("provider.acrValues.hint")} autosize minRows={1} {...field("acrValues")} />}
          <Switch label={t("provider.passwords.switch")} description={t("provider.passwords.hint")} checked={draft.passwordAllowed} error={refusal?.about("passwordAllowed")} onChange={(event) => change({ passwordAllowed: event.currentTarget.checked })} />
          <Failure error={set.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={set.isPending}>{t("provider.save")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
