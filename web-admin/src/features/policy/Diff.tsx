/** What differs between two policies, in words. */

import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Formats } from "~/ui/formats";
import { useFormats } from "~/ui/formats";
import type { Change } from "./model";
import classes from "./policy.module.css";

const DATES = /(enrollmentOpensAt|mandatoryFrom|adaptiveFrom)$/;
const WORDS: Record<string, "level" | "channel"> = { defaultLevel: "level", minimumLevel: "level", allowedChannels: "channel" };

type Network = { cidr: string; label: string; expiresAt: string | null };

/** A value of the policy as a person would say it. */
export function said(place: string, value: unknown, t: TFunction, formats: Formats): string {
  const field = place.split(".").at(-1) ?? "";
  if (value === null) return t(`absent.${field as "mandatoryFrom"}`, { defaultValue: t("none") });
  if (field === "allowedNetworks") return (value as Network[]).map((network) => `${network.label} (${network.cidr})`).join(", ") || t("none");
  if (field === "phoneCountries") return (value as string[]).map(formats.country).join(", ") || t("none");
  if (Array.isArray(value)) return value.map((one: "SMS") => t(`channel.${one}`)).join(", ") || t("none");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return /Seconds$/.test(field) ? formats.seconds(value) : formats.number(value);
  if (typeof value === "string" && DATES.test(field)) return formats.day(value);
  const kind = WORDS[field];
  return kind === "level" ? t(`level.${value as "HIGH"}`) : String(value);
}

export function nameOf(place: string, t: TFunction): string {
  const [first, ...rest] = place.split(".");
  if (first === "internal" || first === "external") return `${t(`audience.${first}`)}: ${t(`field.${rest.join(".") as "mandatoryFrom"}`)}`;
  return t(`field.${place as "phoneCountries"}`);
}

export function Diff({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <table className={classes.diff}>
      <thead><tr><th scope="col">{t("diff.what")}</th><th scope="col">{t("diff.before")}</th><th scope="col">{t("diff.after")}</th></tr></thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.place}>
            <th scope="row">{nameOf(change.place, t)}</th>
            <td><del>{said(change.place, change.before, t, formats)}</del></td>
            <td><ins>{said(change.place, change.after, t, formats)}</ins></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
