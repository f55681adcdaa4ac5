/** When it opens, when it becomes mandatory, how long one may put it off. */

import { useTranslation } from "react-i18next";
import { NumberInput, Radio, Stack } from "@mantine/core";
import { useFormats } from "~/ui/formats";
import { Panel } from "~/ui/Page";
import { Timeline } from "~/ui/Timeline";
import { DateField } from "./DateField";
import { useEditing } from "./draft";
import { AUDIENCES, type AudienceName } from "./model";
import classes from "./policy.module.css";
import { dateInDays } from "./dates";

export function RolloutTab() {
  return <div className={classes.audiences}>{AUDIENCES.map((name) => <Audience key={name} name={name} />)}</div>;
}

function Audience({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, editAudience } = useEditing();
  const policy = draft[name];
  const move = (edge: "enrollmentOpensAt" | "mandatoryFrom", at: Date) => editAudience(name, { [edge]: at.toISOString().replace(".000Z", "Z") });
  return (
    <Panel title={t(`audience.${name}`)} hint={t(`audience.${name}.hint`)}>
      <Stack gap="lg">
        <Timeline dates={policy} now={formats.now()} {...(editable ? { onMove: move } : {})} />
        <Opening name={name} />
        <Mandatory name={name} />
        <PuttingOff name={name} />
      </Stack>
    </Panel>
  );
}

function Opening({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, editAudience } = useEditing();
  const { enrollmentOpensAt } = draft[name];
  const set = (at: string | null) => editAudience(name, { enrollmentOpensAt: at });
  return (
    <fieldset className={classes.choice} disabled={!editable}>
      <legend>{t("policy.opens")}</legend>
      <Radio name={`${name}-opens`} label={t("policy.opens.now")} checked={enrollmentOpensAt === null} onChange={() => set(null)} />
      <Radio name={`${name}-opens`} label={t("policy.opens.from")} checked={enrollmentOpensAt !== null} onChange={() => set(dateInDays(7, formats))} />
      {enrollmentOpensAt !== null && <div className={classes.inset}><DateField label={t("policy.opens.date")} value={enrollmentOpensAt} onChange={set} w={200} /></div>}
    </fieldset>
  );
}

function Mandatory({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, editAudience } = useEditing();
  const { mandatoryFrom } = draft[name];
  const already = mandatoryFrom !== null && new Date(mandatoryFrom) <= formats.now();
  const set = (at: string | null) => editAudience(name, { mandatoryFrom: at });
  return (
    <fieldset className={classes.choice} disabled={!editable}>
      <legend>{t("policy.mandatory")}</legend>
      <Radio name={`${name}-must`} label={t("policy.mandatory.now")} description={t("policy.mandatory.now.text")} checked={already} onChange={() => set(formats.now().toISOString())} />
      <Radio name={`${name}-must`} label={t("policy.mandatory.from")} description={t("policy.mandatory.from.text")} checked={mandatoryFrom !== null && !already} onChange={() => set(dateInDays(30, formats))} />
      {mandatoryFrom !== null && !already && <div className={classes.inset}><DateField label={t("policy.mandatory.date")} value={mandatoryFrom} onChange={set} w={200} /></div>}
      <Radio name={`${name}-must`} label={t("policy.mandatory.never")} description={t("policy.mandatory.never.text")} checked={mandatoryFrom === null} onChange={() => set(null)} />
    </fieldset>
  );
}

const DAY_SECONDS = 86_400;

function PuttingOff({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const { draft, editable, editAudience } = useEditing();
  const { maxSkips, gracePeriodSeconds } = draft[name];
  return (
    <fieldset className={classes.choice} disabled={!editable}>
      <legend>{t("policy.skips")}</legend>
      <NumberInput label={t("policy.maxSkips")} description={t("policy.maxSkips.text")} placeholder={t("policy.noLimit")} min={0} max={100} allowDecimal={false} w={280}
        value={maxSkips ?? ""} onChange={(value) => editAudience(name, { maxSkips: value === "" ? null : Number(value) })} />
      <NumberInput label={t("policy.grace")} description={t("policy.grace.text")} min={0} max={90} allowDecimal={false} w={280}
        value={gracePeriodSeconds / DAY_SECONDS} onChange={(value) => editAudience(name, { gracePeriodSeconds: Number(value) * DAY_SECONDS })} />
    </fieldset>
  );
}
