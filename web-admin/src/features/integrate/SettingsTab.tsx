/** The tenant's name, time zone, looks and addresses. */

import { Button, ColorInput, Group, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useAsk, useTell } from "~/api/hooks";
import { SettingsDocument, UpdateTenantDocument, type SettingsQuery } from "~/gql/generated/integrate";
import { useMay } from "~/shell/scope";
import { Facts } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { inputOf, lines, stateOf, timeZones, type Settings } from "./settings";

export function SettingsTab() {
  const { t } = useTranslation();
  const may = useMay();
  const asked = useAsk(SettingsDocument, {}, { fresh: 60_000 });
  return (
    <Panel title={t("settings.title")} hint={t("settings.hint")}>
      <Loaded asked={asked}>{({ tenant }) => (may("updateTenant") ? <Form key={tenant.id} tenant={tenant} /> : <Shown tenant={tenant} />)}</Loaded>
    </Panel>
  );
}

function Shown({ tenant }: { tenant: SettingsQuery["tenant"] }) {
  const { t } = useTranslation();
  return <Facts of={[[t("settings.name"), tenant.name], [t("settings.timeZone"), tenant.timeZone], [t("settings.language"), tenant.language], [t("settings.product"), tenant.branding.productName], [t("settings.returnUrls"), tenant.returnUrls.join(", ") || "—"]]} />;
}

/** What came of the logo that is set; of one that is being typed nothing is known. */
const problemOf = ({ branding }: SettingsQuery["tenant"], { logoUrl }: Settings) => (logoUrl === branding.logoUrl ? branding.logoProblem : undefined);

function Form({ tenant }: { tenant: SettingsQuery["tenant"] }) {
  const { t } = useTranslation();
  const [state, setState] = useState<Settings>(() => stateOf(tenant));
  const set = (changed: Partial<Settings>) => setState({ ...state, ...changed });
  const update = useTell(UpdateTenantDocument, () => notifications.show({ message: t("settings.saved") }));
  const refusal = update.error instanceof Refusal ? update.error : undefined;
  const field = (name: keyof Settings) => ({ value: state[name], error: refusal?.about(name), onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }) });
  return (
    <form onSubmit={(event) => { event.preventDefault(); update.mutate({ input: inputOf(state) }); }}>
      <Stack maw={620}>
        <TextInput label={t("settings.name")} required {...field("name")} />
        <Group grow align="flex-start">
          <Select label={t("settings.timeZone")} searchable allowDeselect={false} data={timeZones(state.timeZone)} value={state.timeZone} onChange={(timeZone) => timeZone && set({ timeZone })} error={refusal?.about("timeZone")} />
          <TextInput label={t("settings.language")} required {...field("language")} />
        </Group>
        <TextInput label={t("settings.product")} description={t("settings.product.hint")} {...field("productName")} />
        <Group grow align="flex-end">
          <TextInput label={t("settings.logo")} placeholder="https://" description={t("settings.logo.hint")} {...field("logoUrl")} error={refusal?.about("logoUrl") ?? problemOf(tenant, state)} />
          <ColorInput label={t("settings.color")} value={state.color} onChange={(color) => set({ color })} withEyeDropper={false} error={refusal?.about("color")} popoverProps={{ withinPortal: false }} />
        </Group>
        <TextInput label={t("settings.support")} description={t("settings.support.hint")} {...field("supportContact")} />
        <TextInput label={t("settings.domain")} description={t("settings.domain.hint")} placeholder="example.com" {...field("domain")} />
        <Textarea label={t("settings.returnUrls")} description={t("settings.returnUrls.hint")} autosize minRows={2} {...field("returnUrls")} error={lines(state.returnUrls).length > 0 ? refusal?.about("returnUrls") : undefined} />
        <Failure error={update.error} />
        <Group><Button type="submit" loading={update.isPending}>{t("save")}</Button></Group>
      </Stack>
    </form>
  );
}
