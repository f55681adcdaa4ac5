/** A day of the tenant's; a time of day that was set elsewhere stays. */

import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormats } from "~/ui/formats";
import { dayOf, momentOf, timeOf } from "./zoned";

type Props = { label: string; value: string | null; onChange: (at: string) => void; disabled?: boolean; error?: string | undefined; w?: number };

export function DateField({ label, value, onChange, ...rest }: Props) {
  const { t } = useTranslation();
  const { timeZone } = useFormats();
  const time = value ? timeOf(value, timeZone) : "00:00";
  const note = time === "00:00" ? undefined : t("date.at", { time });
  return (
    <TextInput type="date" label={label} {...(note ? { description: note } : {})} inputWrapperOrder={["label", "input", "description", "error"]}
      value={value ? dayOf(value, timeZone) : ""} onChange={(event) => { if (event.currentTarget.value) onChange(momentOf(event.currentTarget.value, timeZone, time)); }} {...rest} />
  );
}
