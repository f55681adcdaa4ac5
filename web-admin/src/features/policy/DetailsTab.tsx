/** Codes, risk, countries, temporary access. */

import { MultiSelect, NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "~/ui/formats";
import { Panel } from "~/ui/Page";
import { countries } from "./countries";
import { useEditing } from "./draft";
import type { Draft } from "./model";
import classes from "./policy.module.css";

export function DetailsTab() {
  const { t } = useTranslation();
  return (
    <div className={classes.audiences}>
      <Panel title={t("codesPolicy.title")} hint={t("codesPolicy.hint")}><Codes /></Panel>
      <Panel title={t("riskPolicy.title")} hint={t("riskPolicy.hint")}><Risk /></Panel>
      <Panel title={t("countries.title")} hint={t("countries.hint")}><Countries /></Panel>
      <Panel title={t("access.title")} hint={t("access.hint")}><TemporaryAccess /></Panel>
    </div>
  );
}

function Codes() {
  const { t } = useTranslation();
  const { draft, editable, edit } = useEditing();
  const set = (changed: Partial<Draft["codes"]>) => edit((draft) => ({ ...draft, codes: { ...draft.codes, ...changed } }));
  const { digits, ttlSeconds, maxAttempts, resendAfterSeconds } = draft.codes;
  const common = { allowDecimal: false, disabled: !editable };
  return (
    <Stack gap="sm">
      <NumberInput label={t("codesPolicy.digits")} min={6} max={8} value={digits} onChange={(value) => set({ digits: Number(value) })} {...common} />
      <NumberInput label={t("codesPolicy.ttl")} min={60} max={600} step={30} value={ttlSeconds} onChange={(value) => set({ ttlSeconds: Number(value) })} {...common} />
      <NumberInput label={t("codesPolicy.attempts")} min={3} max={5} value={maxAttempts} onChange={(value) => set({ maxAttempts: Number(value) })} {...common} />
      <NumberInput label={t("codesPolicy.resend")} min={0} max={300} step={15} value={resendAfterSeconds} onChange={(value) => set({ resendAfterSeconds: Number(value) })} {...common} />
    </Stack>
  );
}

function Risk() {
  const { t } = useTranslation();
  const { draft, editable, edit } = useEditing();
  const set = (changed: Partial<Draft["risk"]>) => edit((draft) => ({ ...draft, risk: { ...draft.risk, ...changed } }));
  const { challengeThreshold, denyThreshold, maxTravelSpeedKmh } = draft.risk;
  const common = { allowDecimal: false, disabled: !editable };
  return (
    <Stack gap="sm">
      <NumberInput label={t("riskPolicy.challenge")} description={t("riskPolicy.challenge.text")} min={1} max={99} value={challengeThreshold} onChange={(value) => set({ challengeThreshold: Number(value) })} {...common} />
      <Switch label={t("riskPolicy.deny")} description={t("riskPolicy.deny.text")} checked={denyThreshold !== null} disabled={!editable} onChange={(event) => set({ denyThreshold: event.currentTarget.checked ? Math.min(100, challengeThreshold + 30) : null })} />
      {denyThreshold !== null && <NumberInput label={t("riskPolicy.denyAt")} min={challengeThreshold + 1} max={100} value={denyThreshold} onChange={(value) => set({ denyThreshold: Number(value) })} {...common} />}
      <NumberInput label={t("riskPolicy.speed")} description={t("riskPolicy.speed.text")} min={300} max={2000} step={50} value={maxTravelSpeedKmh} onChange={(value) => set({ maxTravelSpeedKmh: Number(value) })} {...common} />
    </Stack>
  );
}

function Countries() {
  const { t, i18n } = useTranslation();
  const { draft, editable, edit } = useEditing();
  const all = useMemo(() => countries(i18n.language), [i18n.language]);
  return (
    <MultiSelect label={t("countries.label")} data={all} value={[...draft.phoneCountries]} disabled={!editable} searchable hidePickedOptions limit={60}
      nothingFoundMessage={t("countries.none")} onChange={(phoneCountries) => edit((draft) => ({ ...draft, phoneCountries }))} />
  );
}

const LENGTHS = [600, 900, 3_600, 14_400, 28_800, 43_200, 86_400];

function TemporaryAccess() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, edit } = useEditing();
  const lengths = [...new Set([...LENGTHS, draft.temporaryAccessMaxSeconds])].sort((a, b) => a - b);
  return (
    <Select label={t("access.max")} allowDeselect={false} disabled={!editable} value={String(draft.temporaryAccessMaxSeconds)} w={220}
      data={lengths.map((length) => ({ value: String(length), label: formats.seconds(length) }))}
      onChange={(value) => edit((draft) => ({ ...draft, temporaryAccessMaxSeconds: Number(value) }))} />
  );
}
