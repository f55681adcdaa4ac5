/** How often a second factor is asked for, and by which channels. */

import { NumberInput, Stack, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SecurityLevel } from "~/gql/generated/schema";
import { Panel } from "~/ui/Page";
import { Channels } from "./Channels";
import { DateField } from "./DateField";
import { dateInDays } from "./dates";
import { useEditing } from "./draft";
import { useFormats } from "~/ui/formats";
import { AUDIENCES, type AudienceName } from "./model";
import classes from "./policy.module.css";

const LEVELS = ["STANDARD", "HIGH"] as const satisfies readonly SecurityLevel[];
const DAY_SECONDS = 86_400;

export function LevelsTab() {
  const { t } = useTranslation();
  return (
    <div className={classes.audiences}>
      {AUDIENCES.map((name) => (
        <Stack key={name} gap="md">
          <Panel title={t("levels.for", { audience: t(`audience.${name}`) })}><Level name={name} /></Panel>
          <Panel title={t("channels.for", { audience: t(`audience.${name}`) })} hint={t("channels.hint")}><Channels name={name} /></Panel>
        </Stack>
      ))}
    </div>
  );
}

function Level({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const { draft, editable, editAudience } = useEditing();
  const policy = draft[name];
  return (
    <Stack gap="lg">
      <LevelChoice legend={t("levels.default")} group={`${name}-default`} value={policy.defaultLevel} disabled={!editable}
        onChange={(defaultLevel) => editAudience(name, { defaultLevel, ...(defaultLevel === "STANDARD" ? { minimumLevel: "STANDARD" as const } : {}) })} />
      <Switch label={t("levels.minimum")} description={t("levels.minimum.text")} checked={policy.minimumLevel === "HIGH"} disabled={!editable}
        onChange={(event) => editAudience(name, event.currentTarget.checked ? { minimumLevel: "HIGH", defaultLevel: "HIGH" } : { minimumLevel: "STANDARD" })} />
      <Switch label={t("levels.mayChoose")} description={t("levels.mayChoose.text")} checked={policy.userMayChooseLevel} disabled={!editable}
        onChange={(event) => editAudience(name, { userMayChooseLevel: event.currentTarget.checked })} />
      <Adaptive name={name} />
      <NumberInput label={t("levels.trusted")} description={t("levels.trusted.text")} min={0} max={90} allowDecimal={false} w={280} disabled={!editable}
        value={policy.trustedDeviceSeconds / DAY_SECONDS} onChange={(value) => editAudience(name, { trustedDeviceSeconds: Number(value) * DAY_SECONDS })} />
    </Stack>
  );
}

function Adaptive({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, editAudience } = useEditing();
  const { adaptiveFrom } = draft[name];
  return (
    <Stack gap="xs">
      <Switch label={t("levels.adaptive")} description={t("levels.adaptive.text")} checked={adaptiveFrom !== null} disabled={!editable}
        onChange={(event) => editAudience(name, { adaptiveFrom: event.currentTarget.checked ? dateInDays(30, formats) : null })} />
      {adaptiveFrom !== null && <div className={classes.inset}><DateField label={t("levels.adaptive.date")} value={adaptiveFrom} disabled={!editable} onChange={(at) => editAudience(name, { adaptiveFrom: at })} w={200} /></div>}
    </Stack>
  );
}

type ChoiceProps = { legend: string; group: string; value: SecurityLevel; disabled: boolean; onChange: (level: SecurityLevel) => void };

function LevelChoice({ legend, group, value, disabled, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.choice} disabled={disabled}>
      <legend>{legend}</legend>
      <div className={classes.levels}>
        {LEVELS.map((level) => (
          <label key={level} className={classes.level}>
            <strong><input type="radio" name={group} checked={value === level} onChange={() => onChange(level)} /> {t(`level.${level}`)}</strong>
            <small>{t(`levelText.${level}`)}</small>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
